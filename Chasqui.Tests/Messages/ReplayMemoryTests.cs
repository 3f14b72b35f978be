using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

/// <summary>What a replay allocates. That is counted for the whole process, so no other test may run.</summary>
public abstract class ReplayMemoryTests(TestServer server)
{
    [Fact]
    public async Task ReplayOfLongMessagesAllocatesLittleMoreThanItSends()
    {
        const int Count = 400;
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var sender = await alice.ConnectAsync();
        await ReplayTests.FillAsync(sender, room, Count, content: new string('é', 10_000));
        await using var socket = await alice.ConnectAsync();
        var before = GC.GetTotalAllocatedBytes();

        await socket.SendAsync(new { type = "join", conversation_id = room, after = 0, request_id = "j" });
        for (var seq = 1; seq <= Count; seq++)
        {
            await socket.ReceiveTextAsync();
        }

        // Each of them is some 50 kB here and there, and as much with the client.
        var allocated = GC.GetTotalAllocatedBytes() - before;
        Assert.True(allocated < Count * 500_000L, $"{allocated} bytes for {Count} messages");
    }
}

[FullTier]
[Collection(Load.Collection)]
public sealed class SqliteReplayMemoryTests(TestServer server) : ReplayMemoryTests(server), IClassFixture<TestServer>;

[FullTier]
[PostgresTests]
[Collection(Load.Collection)]
public sealed class PostgresReplayMemoryTests(PostgresServer server) : ReplayMemoryTests(server), IClassFixture<PostgresServer>;
