using Chasqui.Server.Delivery;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Delivery;

public abstract class SlowReaderTests(Store store) : IAsyncLifetime
{
    private const int Healthy = 10;
    private const int Stalled = 3;
    private const int MessageBytes = 10_000;
    private const int Limit = 1024 * 1024;

    private static readonly string Content = new('x', MessageBytes);

    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync(
        "--Delivery:MaxQueuedBytesPerConnection", $"{Limit}", "--Limits:MaxConnectionsPerUser", "1000");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task StalledReaderDelaysNoOtherReaderAndIsClosedWith4408()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var sender = await alice.ConnectAsync();
        var healthy = await ConnectAsync(alice, room, Healthy);
        var stalled = await ConnectAsync(alice, room, Stalled);
        using var queued = new Observed(_server, ConnectionRegistry.QueuedBytesInstrument);
        var seq = 0;

        // The kernel takes the first megabytes. More is queued than the healthy readers can have.
        while (queued.Read() < 2 * Healthy * MessageBytes)
        {
            await DeliverAsync();
        }

        var before = queued.Read();
        for (var i = 0; i < 20; i++)
        {
            await DeliverAsync();
        }

        // A queue goes with its connection: all of the stalled are still there.
        Assert.InRange(queued.Read(), before + (20 * Stalled * MessageBytes) - (Healthy * MessageBytes), long.MaxValue);
        for (var i = 0; i < 2 * Limit / MessageBytes; i++)
        {
            await DeliverAsync();
        }

        foreach (var socket in stalled)
        {
            Assert.Equal(4408, await socket.ReceiveCloseAsync());
        }

        await DeliverAsync();
        await Task.WhenAll(healthy.Concat(stalled).Select(socket => socket.DisposeAsync().AsTask()));

        // The next message is sent when every healthy reader has the last one.
        async Task DeliverAsync()
        {
            seq++;
            await sender.SendAsync(new { type = "message", conversation_id = room, content = Content });
            foreach (var socket in healthy)
            {
                Assert.EndsWith($"\"seq\":{seq}}}}}", await socket.ReceiveTextAsync(), StringComparison.Ordinal);
            }
        }
    }

    private static async Task<RawClient[]> ConnectAsync(Person person, string room, int count)
    {
        var sockets = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => person.ConnectAsync(receiveBuffer: 4096)));
        await Task.WhenAll(sockets.Select(socket => socket.JoinAsync(room)));
        return sockets;
    }
}

public sealed class SqliteSlowReaderTests() : SlowReaderTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresSlowReaderTests() : SlowReaderTests(Store.Postgres);
