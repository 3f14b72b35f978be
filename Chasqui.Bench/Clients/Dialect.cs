namespace Chasqui.Bench.Clients;

internal enum Received
{
    /// <summary>A message of the room.</summary>
    Delivery,

    /// <summary>A message of the room, which for its sender is also the answer.</summary>
    Echo,

    /// <summary>The answer to what this client asked.</summary>
    Answer,

    /// <summary>The server refuses: no figure that follows would mean anything.</summary>
    Refusal,

    Other,
}

/// <summary>How clients of one kind of server speak. All of it is written and read as bytes: the load shares the machine.</summary>
internal abstract class Dialect
{
    /// <summary>Whether a client sends an ordinary request over its connection before the handshake.</summary>
    public virtual bool RequestsFirst => false;

    /// <summary>What a client says first; each is answered before the next.</summary>
    public abstract IEnumerable<byte[]> Opening(string room);

    /// <summary>Writes a message.</summary>
    /// <param name="frame">Room enough for any.</param>
    /// <param name="room">Where it is said.</param>
    /// <param name="due">When it was due.</param>
    /// <param name="number">Of the message, when the sender wants an answer; else <see langword="null"/>.</param>
    /// <returns>The bytes that were written.</returns>
    public abstract int WriteMessage(Span<byte> frame, string room, long due, long? number);

    /// <summary>Takes one record off what came in one WebSocket message.</summary>
    public abstract Received Take(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> record);
}
