using Chasqui.Tests.Support;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class HttpDetachmentTests
{
    /// <summary>Kestrel would keep the request, with its headers and its user, until the socket closes.</summary>
    [Fact]
    public async Task RequestOfRawSocketEndsWithItsHandshake()
    {
        await using var server = new TestServer();
        await server.StartAsync();
        using var ana = await server.PersonAsync();
        using var requests = new RequestCount(server);

        await using var socket = await ana.ConnectAsync();
        await socket.SendAsync(new { type = "ping" });
        await socket.ReceiveAsync("Pong");

        Assert.Equal((0, 1), (requests.Active, requests.Begun));
    }
}
