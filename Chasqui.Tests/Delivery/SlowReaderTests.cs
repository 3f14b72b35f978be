using System.Diagnostics;
using Chasqui.Tests.Support;
using Xunit.Abstractions;

namespace Chasqui.Tests.Delivery;

[Collection(Load.Collection)]
public abstract class SlowReaderTests(Store store, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Members = 100;
    private const int Stalled = 10;
    private const int QuietMessages = 200;

    // Seven megabytes: what the kernel buffers on both sides of a socket (four, here) and then the queue's limit.
    private const int DisturbedMessages = 700;

    private readonly TestServer _server = new() { Store = store };

    public Task InitializeAsync() => _server.StartAsync(
        "--Delivery:MaxQueuedBytesPerConnection", "524288", "--Limits:MaxConnectionsPerUser", "1000");

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task StalledReadersAreClosedWith4408AndEverybodyElseGetsEveryMessage()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        var healthy = await ConnectAsync(alice, room, Members - Stalled);
        await using var sender = await alice.ConnectAsync();

        await RunAsync(sender, room, healthy, from: 1, QuietMessages); // to warm up
        var quiet = await RunAsync(sender, room, healthy, from: QuietMessages + 1, QuietMessages);
        var stalled = await ConnectAsync(alice, room, Stalled);
        var disturbed = await RunAsync(sender, room, healthy, from: (2 * QuietMessages) + 1, DisturbedMessages);
        output.WriteLine($"p99 of {healthy.Length} healthy readers: {quiet} ms alone, {disturbed} ms beside {Stalled} stalled ones");

        foreach (var socket in stalled)
        {
            Assert.Equal(4408, await socket.ReceiveCloseAsync());
        }

        await Task.WhenAll(healthy.Concat(stalled).Select(socket => socket.DisposeAsync().AsTask()));
    }

    private static async Task<RawClient[]> ConnectAsync(Person person, string room, int count)
    {
        var sockets = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => person.ConnectAsync(receiveBuffer: 4096)));
        await Task.WhenAll(sockets.Select(socket => socket.JoinAsync(room)));
        return sockets;
    }

    /// <summary>Sends, while the healthy ones read.</summary>
    /// <returns>The 99th percentile from sending to delivery, in milliseconds.</returns>
    private static async Task<double> RunAsync(RawClient sender, string room, RawClient[] healthy, int from, int count)
    {
        var content = new string('x', 10_000);
        var sent = new long[count];
        var reading = healthy.Select(socket => ReadAsync(socket, from, sent)).ToArray();
        for (var i = 0; i < count; i++)
        {
            sent[i] = Stopwatch.GetTimestamp();
            await sender.SendAsync(new { type = "message", conversation_id = room, content, request_id = $"{i}" });
            await sender.ReceiveAsync("Ack");
        }

        var latencies = (await Task.WhenAll(reading)).SelectMany(each => each).Order().ToArray();
        return latencies[latencies.Length * 99 / 100];
    }

    private static async Task<double[]> ReadAsync(RawClient socket, int from, long[] sent)
    {
        var latencies = new double[sent.Length];
        for (var i = 0; i < sent.Length; i++)
        {
            Assert.EndsWith($"\"seq\":{from + i}}}}}", await socket.ReceiveTextAsync(), StringComparison.Ordinal);
            latencies[i] = Stopwatch.GetElapsedTime(sent[i]).TotalMilliseconds;
        }

        return latencies;
    }
}

public sealed class SqliteSlowReaderTests(ITestOutputHelper output) : SlowReaderTests(Store.Sqlite, output);

[PostgresTests]
public sealed class PostgresSlowReaderTests(ITestOutputHelper output) : SlowReaderTests(Store.Postgres, output);
