using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

/// <summary>
/// Thousands of hostile clients against a server with little memory. It stays alive, two people who chat meanwhile lose nothing, and
/// afterwards the memory is free again.
/// </summary>
[FullTier]
[Collection(Load.Collection)]
public sealed class MemoryBudgetTests : IAsyncLifetime
{
    private const int Hostile = 5_000;
    private const int AtOnce = 1_000;
    private const int Addresses = 50;
    private const string HeapLimit = "0x20000000";
    private const long Mebibyte = 1024 * 1024;

    private readonly TemporaryFolder _data = new();
    private ServerProcess _server = null!;
    private Uri _url = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _server = ServerProcess.Start(
            _data.Path,
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit },
            "--Kestrel:Endpoints:Any:Url", "http://127.0.0.1:0", "--Kestrel:Endpoints:Two:Url", "http://127.0.0.1:0",
            "--Kestrel:Endpoints:Two:Protocols", "Http2", "--Storage:DataFolder", _data.Path, "--Accounts:BcryptCost", "4", "--Limits:MessagesPer10s", "1000000", "--Limits:FramesPer10s", "1000000");
        _url = new Uri(await _server.UrlAsync());
        // At an address that attacks nobody, and as health checks ask: an idle connection may be closed while memory is short.
        _http = FromAddress.AnonymousFrom(_url, "127.0.2.1");
        _http.DefaultRequestHeaders.ConnectionClose = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task UnreadAnswersToPipelinedRequests()
    {
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /openapi/v1.json HTTP/1.1\r\nHost: x\r\n\r\n", 8)));
        var filling = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\nA: {new string('a', 6_000)}\r\n\r\n");

        await AttackAsync(async socket =>
        {
            await socket.SendAsync(requests);
            for (var i = 0; i < 100; i++)
            {
                await socket.SendAsync(filling);
            }
        });
    }

    [Fact]
    public async Task UnfinishedRequestHeads()
    {
        var head = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Repeat($"A: {new string('a', 7_000)}\r\n", 4))}");

        await AttackAsync(socket => socket.SendAsync(head));
    }

    [Theory]
    [InlineData(7_000, 0)]
    [InlineData(1, 80)]
    public async Task UnfinishedRequestsOfManyStreams(int bytes, int headers)
    {
        await AttackAsync(
            async socket =>
            {
                await socket.SendAsync(RawHttp2.Opening);
                for (var stream = 1; stream < 200; stream += 2)
                {
                    await socket.SendAsync(RawHttp2.UnfinishedPost("/api/login", stream, bytes, headers));
                }
            },
            clients: 400,
            port: await Http2PortAsync());
    }

    [Fact]
    public async Task SmallRequestsOfManyAddresses()
    {
        const int Clients = 4_400;
        byte[] head =
        [
            .. "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"u8,
            .. "Content-Length: 8000\r\n\r\n{"u8,
        ];
        var sent = 0;
        await AttackAsync(
            async socket =>
            {
                await socket.SendAsync(head);
                if (Interlocked.Increment(ref sent) == Clients)
                {
                    // Until the server closes it, or for as long as the attack lasts.
                    await socket.ReceiveAsync(new byte[1]);
                }
            },
            Clients,
            addresses: 700);
    }

    [Fact]
    public async Task FramesBehindAReplayThatIsNotRead()
    {
        var accounts = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            var account = await RegisterAsync();
            var room = await OpenAsync(account);
            await using var sender = await RawClient.ConnectAsync(_url, account.Token, CancellationToken.None);
            for (var i = 0; i < 45; i++)
            {
                await sender.SendAsync(new { type = "message", conversation_id = room, content = new string('x', 9_900), request_id = "m" });
                await sender.ReceiveAsync("Ack");
            }

            return (account.Token, Room: room);
        }));
        var sockets = new List<RawClient>();
        await WithBystandersAsync(async () =>
        {
            var address = $"ws://{_url.Authority}/api/ws/chat?token=";
            await Parallel.ForEachAsync(Enumerable.Range(0, 500), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
            {
                var (token, room) = accounts[i % accounts.Length];
                await UntilRefusedAsync(async stop =>
                {
                    // A server that is short of memory refuses handshakes.
                    var socket = await RawClient.ConnectAsync(new Uri(address + token), receiveBuffer: 4096, cancellationToken: stop);
                    lock (sockets)
                    {
                        sockets.Add(socket);
                    }

                    for (var join = 0; join < 16; join++)
                    {
                        await SendAsync(new { type = "join", conversation_id = room, after = 0 });
                    }

                    while (true)
                    {
                        await SendAsync(new { type = "message", conversation_id = room, content = new string('y', 9_900), pad = new string('z', 45_000) });
                    }

                    Task SendAsync(object frame) => socket.SendTextAsync(System.Text.Json.JsonSerializer.Serialize(frame)).WaitAsync(stop);
                });
            });
        });
        Assert.NotEmpty(sockets);
        foreach (var socket in sockets)
        {
            socket.Socket.Abort();
            await socket.DisposeAsync();
        }

        await AssertFreedAsync();
    }

    /// <summary>Many clients that send and never read.</summary>
    private async Task AttackAsync(Func<Socket, Task> send, int clients = Hostile, int? port = null, int addresses = Addresses)
    {
        var sockets = new List<Socket>();
        await WithBystandersAsync(() => Parallel.ForEachAsync(Enumerable.Range(0, clients), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, SendBufferSize = 4096 };
            lock (sockets)
            {
                sockets.Add(socket);
            }

            socket.Bind(new IPEndPoint(IPAddress.Parse($"127.1.{i % addresses / 250}.{1 + (i % addresses % 250)}"), 0));
            await UntilRefusedAsync(async stop =>
            {
                await socket.ConnectAsync(IPAddress.Loopback, port ?? _url.Port, stop);
                await send(socket).WaitAsync(stop);
            });
        }));
        sockets.ForEach(socket => socket.Dispose());
        await AssertFreedAsync();
    }

    /// <summary>Until the server takes no more of it, or ends it.</summary>
    private static async Task UntilRefusedAsync(Func<CancellationToken, Task> attack)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        try
        {
            await attack(stop.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException
            or System.Net.WebSockets.WebSocketException or InvalidOperationException)
        {
            // That is what the server is to do.
        }
    }

    /// <summary>Two people chat during the attack: each message arrives, and in order.</summary>
    private async Task WithBystandersAsync(Func<Task> attackAsync)
    {
        var (ana, ben) = (await RegisterAsync(), await RegisterAsync());
        var room = await OpenAsync(ana, ben.Id);
        await using var sender = await RawClient.ConnectAsync(_url, ana.Token, CancellationToken.None);
        await using var reader = await RawClient.ConnectAsync(_url, ben.Token, CancellationToken.None);
        await reader.SendAsync(new { type = "join", conversation_id = room, request_id = "j" });
        await reader.ReceiveAsync("Ack");
        var attack = Task.Run(attackAsync);
        var sent = 0;
        while (!attack.IsCompleted || sent < 100)
        {
            await sender.SendAsync(new { type = "message", conversation_id = room, content = $"{sent}", request_id = "m" });
            await sender.ReceiveAsync("Ack");
            Assert.Equal($"{sent++}", (await reader.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
            Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(_url, "/health/live"))).StatusCode);
        }

        await attack;
        // Those who come now are served too.
        await RegisterAsync();
    }

    /// <summary>Less than what the attack would have taken; the runtime needs a moment to notice.</summary>
    private async Task AssertFreedAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (ResidentBytes() > 300 * Mebibyte)
        {
            Assert.False(deadline.IsCancellationRequested, $"{ResidentBytes() / Mebibyte} MiB are not given back: {_server.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        }

        Assert.DoesNotContain("crit:", _server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", _server.Output, StringComparison.Ordinal);
    }

    private long ResidentBytes() => 1024 * long.Parse(
        File.ReadLines($"/proc/{_server.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture);

    private Task<Account> RegisterAsync() => Account.RegisterAsync(_http, _url, Names.Next());

    private async Task<string> OpenAsync(Account owner, params string[] others)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_url, "/api/conversations"))
        {
            Content = JsonContent.Create(new { conversation_type = "group", participant_ids = others }),
        };
        request.Headers.Authorization = new("Bearer", owner.Token);
        return (await (await _http.SendAsync(request)).ReadAsync(200)).Text("id");
    }

    /// <summary>The startup line names both listeners; the second one speaks HTTP/2 only.</summary>
    private async Task<int> Http2PortAsync() =>
        new Uri((await _server.StartupLineAsync()).Split("listens on ")[1].Split(", ")[1].TrimEnd(',')).Port;
}
