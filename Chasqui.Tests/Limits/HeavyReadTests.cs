using System.Net;
using System.Net.Sockets;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Server.Limits;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Limits;

/// <summary>Clients that request long pages and read slowly.</summary>
[Collection(Load.Collection)]
public sealed class HeavyReadTests : IAsyncDisposable
{
    private const int Page = 200;

    /// <summary>One that is written as escapes, with twelve bytes each.</summary>
    private static readonly string Long = string.Concat(Enumerable.Repeat("\U0001F600", ChatLimits.MaxContentCharacters));

    private readonly TestServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact, FullTier]
    public async Task PageOfLongestMessagesIsWholeAndIsNotHeldInMemoryForSlowReader()
    {
        await StartAsync();
        using var ana = await _server.PersonAsync();
        var path = await FillAsync(ana);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        using var stalled = await StallAsync(ana, path);
        List<Task<HttpResponseMessage>> asked = [.. Enumerable.Range(0, FixedLimits.WaitingRequestsPerUser + 1).Select(_ => ana.Http.GetAsync(path + "?limit=1"))];
        var first = await Task.WhenAny(asked);
        var refused = await first;
        await refused.ReadProblemAsync((int)HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
        var during = GC.GetTotalMemory(forceFullCollection: true);

        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        var held = (during - before) / FixedLimits.ConcurrentRequestsPerUser;
        Assert.True(held < 6 * 1024 * 1024, $"{held} bytes for one reader");
        stalled.Dispose();
        // Those that waited are served now.
        asked.Remove(first);
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var whole = (await ana.GetAsync($"{path}?limit={Page}")).AsArray();
        Assert.Equal(Enumerable.Range(0, Page).Select(i => (long)Page - i), whole.Select(message => message!["seq"]!.GetValue<long>()));
        Assert.All(whole, message => Assert.Equal(Long, message!.Text("content")));
        var upwards = (await ana.GetAsync($"{path}?limit={Page}&after=0")).AsArray();
        Assert.Equal(Enumerable.Range(1, Page).Select(i => (long)i), upwards.Select(message => message!["seq"]!.GetValue<long>()));
    }

    [Fact, FullTier]
    public async Task SlowReaderHoldsUpNoOtherUserAndIsDisconnected()
    {
        await using var strict = new TestServer
        {
            Configure = services => services.AddSingleton(new MinDataRate(bytesPerSecond: 1_000_000, gracePeriod: TimeSpan.FromSeconds(5))),
        };
        await StartAsync(strict);
        using var ana = await strict.PersonAsync();
        using var ben = await strict.PersonAsync();
        var path = await FillAsync(ana);

        using var others = await StallAsync(ana, path, FixedLimits.ConcurrentRequestsPerUser - 1);
        using var stalled = await AskAsync(ana, path);
        var waiting = ana.Http.GetAsync(path + "?limit=1");
        for (var i = 0; i < 3; i++)
        {
            await ben.GetAsync("/api/conversations");
        }

        Assert.False(waiting.IsCompleted, "A request was served while another of the same user held the last place");
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        var whole = (await ana.Http.GetByteArrayAsync($"{path}?limit={Page}")).Length;
        Assert.InRange(await ReadToEndAsync(stalled), 1, whole - 1);
    }

    [Fact]
    public async Task SocketsDoNotCountAsConcurrentRequests()
    {
        await StartAsync();
        using var ana = await _server.PersonAsync();
        await using var hub = await HubClient.ConnectAsync(_server, ana.Token);
        var sockets = await Task.WhenAll(Enumerable.Range(0, FixedLimits.ConcurrentRequestsPerUser).Select(_ => ana.ConnectAsync()));

        await ana.GetAsync("/api/conversations");
        foreach (var socket in sockets)
        {
            await socket.PingAsync();
            await socket.DisposeAsync();
        }
    }

    private Task StartAsync(TestServer? server = null) =>
        (server ?? _server).StartAsync("--Limits:Enabled", "true", "--Limits:MessagesPer10s", "1000000");

    private static async Task<string> FillAsync(Person person)
    {
        var room = await person.OpenGroupAsync();
        await using var socket = await person.ConnectAsync();
        for (var i = 0; i < Page; i++)
        {
            // As it is: with escapes it would be longer than a frame may be.
            await socket.SendTextAsync($$"""{"type":"message","conversation_id":"{{room}}","content":"{{Long}}","request_id":"r"}""");
            await socket.ReceiveAsync("Ack");
        }

        return $"/api/conversations/{room}/messages";
    }

    /// <summary>Takes all concurrent requests that one user may have.</summary>
    private static async Task<Disposables> StallAsync(
        Person person, string path, int count = FixedLimits.ConcurrentRequestsPerUser)
    {
        var stalled = new Disposables();
        for (var i = 0; i < count; i++)
        {
            stalled.Add(await AskAsync(person, path));
        }

        return stalled;
    }

    /// <returns>The bytes that come until the connection ends, in whichever way.</returns>
    private static async Task<long> ReadToEndAsync(TcpClient client)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        var (buffer, bytes) = (new byte[64 * 1024], 0L);
        try
        {
            while (await client.GetStream().ReadAsync(buffer, deadline.Token) is > 0 and var count)
            {
                bytes += count;
            }
        }
        catch (IOException)
        {
            // A reset.
        }

        return bytes;
    }

    /// <summary>Asks for a long page, and returns when the answer begins; nothing more of it is read.</summary>
    private static async Task<TcpClient> AskAsync(Person person, string path)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        var server = new Uri(person.Server.Url);
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(server.Host, server.Port, deadline.Token);
        var request = $"GET {path}?limit={Page} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {person.Token}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), deadline.Token);
        await client.GetStream().ReadExactlyAsync(new byte[12], deadline.Token);
        return client;
    }

    private sealed class Disposables : List<TcpClient>, IDisposable
    {
        public void Dispose() => ForEach(client => client.Dispose());
    }
}
