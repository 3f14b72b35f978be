using Chasqui.Tests.Support;

namespace Chasqui.Tests.Delivery;

[Collection(Load.Collection)]
public sealed class SlowReaderMemoryTests : IAsyncLifetime
{
    private const int Limit = 8 * 1024 * 1024;
    private const int MessageBytes = 10_000;

    // As much again as the queue takes, beyond what the kernel buffers (four megabytes, here).
    private const int Messages = 2 * (Limit + (4 * 1024 * 1024)) / MessageBytes;

    private readonly TestServer _server = new();

    public Task InitializeAsync() => _server.StartAsync("--Delivery:MaxQueuedBytesPerConnection", $"{Limit}");

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task WhatWaitedForASlowReaderIsFreedWhenItIsClosed()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var sender = await alice.ConnectAsync();
        await using var stalled = await alice.ConnectAsync(receiveBuffer: 4096);
        await stalled.JoinAsync(room);
        var content = new string('x', MessageBytes);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = before;

        for (var i = 0; i < Messages; i++)
        {
            await sender.SendAsync(new { type = "message", conversation_id = room, content, request_id = "m" });
            await sender.ReceiveAsync("Ack");
            if (i % 100 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(most - before > Limit / 2, $"Nothing was ever queued: {before} bytes before, at most {most}");
        Assert.True(after - before < Limit / 4, $"Not freed: {before} bytes before, {most} at most, {after} in the end");
        Assert.Equal(4408, await stalled.ReceiveCloseAsync());
    }
}
