using System.Net;
using System.Net.WebSockets;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class HandshakeTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/ws/chat";

    public static TheoryData<string> BadQueries => [
        "", "?token=", "?token=nonsense", "?token=a.b.c", "?access_token=TOKEN", "?token=TOKENx", "?token=EXPIRED", "?token=UNSIGNED"];

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task WithoutAGoodTokenTheHandshakeAnswers401(string query)
    {
        using var ana = await server.PersonAsync();
        query = query
            .Replace("TOKEN", ana.Token, StringComparison.Ordinal)
            .Replace("EXPIRED", ExpiredToken.For(server, ana), StringComparison.Ordinal)
            .Replace("UNSIGNED", Unsigned(ana.Token), StringComparison.Ordinal);

        using var response = await UpgradeAsync(query);

        await response.ReadProblemAsync(401, ErrorCodes.Unauthorized);
    }

    [Fact]
    public async Task WebSocketClientSees401AsFailedHandshake()
    {
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(server, "nonsense"));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARequestThatIsNoUpgradeAnswers400()
    {
        using var ana = await server.PersonAsync();
        using var response = await ana.Http.GetAsync($"{Path}?token={ana.Token}");
        await response.ReadProblemAsync(400, ErrorCodes.WebSocketRequired);
    }

    [Fact]
    public async Task TheTokenMayStandInTheHeader()
    {
        using var ana = await server.PersonAsync();
        await using var client = new RawClient();
        client.Socket.Options.SetRequestHeader("Authorization", "Bearer " + ana.Token);
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        await client.Socket.ConnectAsync(new Uri(server.WebSocketUrl + Path), deadline.Token);
        await client.PingAsync();
    }

    private Task<HttpResponseMessage> UpgradeAsync(string query) => Handshake.SendAsync(server, Path + query);

    [Theory]
    [InlineData("/api/ws/chat?token=")]
    [InlineData("/hubs/chat?access_token=")]
    public async Task CompressionIsNotAgreedOn(string transport)
    {
        using var ana = await server.PersonAsync();
        using var response = await Handshake.SendAsync(
            server, transport + ana.Token, ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"));

        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        Assert.False(response.Headers.Contains("Sec-WebSocket-Extensions"));
    }

    /// <summary>0 is the draft that browsers spoke first (hybi-00), 8 the last one before RFC 6455.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task OlderVersionsOfWebSocketsAreRefused(int version)
    {
        using var ana = await server.PersonAsync();
        using var response = await RawHttp.SendAsync(server, $"""
            GET {Path}?token={ana.Token} HTTP/1.1
            Host: localhost
            Connection: Upgrade, close
            Upgrade: websocket
            Sec-WebSocket-Version: {version}
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==


            """);

        await response.ReadProblemAsync(400, ErrorCodes.WebSocketRequired);
    }

    /// <summary>The same claims under <c>{"alg":"none"}</c>.</summary>
    private static string Unsigned(string token) => "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + token.Split('.')[1] + ".";
}
