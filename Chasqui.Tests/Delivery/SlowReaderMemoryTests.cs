using Chasqui.Server.Delivery;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Delivery;

[FullTier]
[Collection(Load.Collection)]
public sealed class SlowReaderMemoryTests : IAsyncLifetime
{
    private const int Limit = 8 * 1024 * 1024;
    private const int MessageBytes = 10_000;

    // As much again as the queue takes, beyond what the kernel buffers (four megabytes, here).
    private const int Messages = 2 * (Limit + (4 * 1024 * 1024)) / MessageBytes;

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Delivery:MaxQueuedBytesPerConnection", $"{Limit}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task QueueOfSlowReaderIsFreedWhenItIsClosed()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var sender = await alice.ConnectAsync();
        await using var stalled = await alice.ConnectAsync(receiveBuffer: 4096);
        await stalled.JoinAsync(room);
        var content = new string('x', MessageBytes);
        using var waiting = new Observed(_server, ConnectionRegistry.QueuedBytesInstrument);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (most, queued) = (before, 0L);

        for (var i = 0; i < Messages; i++)
        {
            await sender.SendAsync(new { type = "message", conversation_id = room, content, request_id = "m" });
            await sender.ReceiveAsync("Ack");
            if (i % 100 == 0 && waiting.Read() is var now && now > queued)
            {
                (most, queued) = (GC.GetTotalMemory(forceFullCollection: true), now);
            }
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        // The memory is that of the whole process, and what other tests have left may be freed meanwhile: it cannot say how much
        // was queued, only that as much has gone.
        Assert.True(queued > Limit / 2, $"Nothing was ever queued: at most {queued} bytes");
        Assert.True(most - after > queued - (Limit / 4), $"Not freed: {most} bytes with {queued} queued, {after} in the end");
        Assert.True(after - before < Limit / 4, $"Not freed: {before} bytes before, {most} at most, {after} in the end");
        Assert.Equal(0, waiting.Read());
        Assert.Equal(4408, await stalled.ReceiveCloseAsync());
    }
}
