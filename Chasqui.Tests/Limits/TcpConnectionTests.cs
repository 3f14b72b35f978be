using System.Net;
using System.Net.Sockets;
using System.Text;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

public sealed class TcpConnectionTests
{
    private const int Limit = 3;

    [Fact]
    public async Task TcpConnectionsOfOneAddressAreLimited()
    {
        await using var server = await StartAsync();
        using var elsewhere = server.AnonymousFrom("127.0.0.2");
        var first = await DialAsync(server, Limit);

        await AssertRefusedAsync(server);

        Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.GetAsync("/api/tasks")).StatusCode);
        // Those that were there stay, and one that ends makes room.
        await Task.WhenAll(first.Select(AskAsync));
        first.ForEach(client => client.Dispose());
        await AnsweredAsync(server);
    }

    [Fact]
    public async Task AWebSocketCountsForAsLongAsItIsOpen()
    {
        await using var server = await StartAsync();
        using var ana = await server.PersonAsync();
        ana.Http.Dispose();
        await AnsweredAsync(server);
        var sockets = new List<RawClient>();
        try
        {
            while (sockets.Count < Limit)
            {
                sockets.Add(await ana.ConnectWhenThereIsRoomAsync());
            }

            await AssertRefusedAsync(server);
        }
        finally
        {
            foreach (var socket in sockets)
            {
                await socket.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task TrustedProxyHasNoConnectionLimit()
    {
        await using var server = await StartAsync("--Limits:TrustedProxies", "127.0.0.0/8");
        var idle = await DialAsync(server, 5 * Limit);

        using var http = server.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/api/tasks")).StatusCode);
        idle.ForEach(client => client.Dispose());
    }

    private static async Task<TestServer> StartAsync(params string[] settings)
    {
        var server = new TestServer();
        await server.StartAsync(["--Limits:MaxConnectionsPerAddress", $"{Limit}", .. settings]);
        return server;
    }

    private static async Task<List<TcpClient>> DialAsync(TestServer server, int count)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        var clients = new List<TcpClient>();
        for (var i = 0; i < count; i++)
        {
            clients.Add(new TcpClient());
            await clients[^1].ConnectAsync(new Uri(server.Url).Host, new Uri(server.Url).Port, deadline.Token);
            await AskAsync(clients[^1]);
        }

        return clients;
    }

    /// <summary>Asks for something without a body, and keeps the connection.</summary>
    private static async Task AskAsync(TcpClient client)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        await client.GetStream().WriteAsync("HEAD /api/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), deadline.Token);
        var (answer, buffer) = ("", new byte[4096]);
        while (!answer.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await client.GetStream().ReadAsync(buffer, deadline.Token);
            Assert.NotEqual(0, read);
            answer += Encoding.ASCII.GetString(buffer, 0, read);
        }
    }

    /// <summary>Dials, says nothing, and is hung up on.</summary>
    private static async Task AssertRefusedAsync(TestServer server)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(new Uri(server.Url).Host, new Uri(server.Url).Port, deadline.Token);
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], deadline.Token));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // With a reset, perhaps before the client knows that it has connected.
        }
    }

    /// <summary>The server may not have noticed yet that the others are gone.</summary>
    private static async Task AnsweredAsync(TestServer server)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (true)
        {
            try
            {
                using var http = server.Anonymous();
                Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/api/tasks", deadline.Token)).StatusCode);
                return;
            }
            catch (HttpRequestException) when (!deadline.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }
}
