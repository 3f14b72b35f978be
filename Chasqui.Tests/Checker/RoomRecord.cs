namespace Chasqui.Tests.Checker;

/// <summary>All that is known about one conversation: what the server says was said, and what the clients say.</summary>
/// <param name="Name">For people.</param>
/// <param name="History">From <c>after=0</c>, as the server gave it.</param>
/// <param name="Sends">Of all its members.</param>
/// <param name="Readers">Its members.</param>
internal sealed record RoomRecord(
    string Name, IReadOnlyList<Delivery> History, IReadOnlyList<Send> Sends, IReadOnlyList<ReaderRecord> Readers);

/// <summary>What one member was sent, one session after the other.</summary>
internal sealed record ReaderRecord(int Client, IReadOnlyList<Session> Sessions);
