using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.WebSockets;

public sealed class HandshakeTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/api/ws/chat";

    public static TheoryData<string> BadQueries => [
        "", "?token=", "?token=nonsense", "?token=a.b.c", "?access_token=TOKEN", "?token=TOKENx", "?token=EXPIRED", "?token=UNSIGNED"];

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task Without_a_good_token_the_handshake_answers_401(string query)
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
    public async Task A_browser_socket_sees_the_401_as_a_failed_handshake()
    {
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(server, "nonsense"));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("https://chat.example.org")]
    [InlineData("http://localhost.example.org")]
    [InlineData("http://localhost:3000.example.org")]
    [InlineData("http://example.org:80#localhost")]
    [InlineData("file://localhost")]
    [InlineData("localhost")]
    public async Task An_origin_that_is_not_allowed_answers_403(string origin)
    {
        using var ana = await server.PersonAsync();
        using var response = await UpgradeAsync("?token=" + ana.Token, origin);
        await response.ReadProblemAsync(403, ErrorCodes.OriginNotAllowed);
    }

    [Fact]
    public async Task An_allowed_origin_does_not_carry_another_one_in()
    {
        using var ana = await server.PersonAsync();
        var address = new Uri(server.Url);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(address.Host, address.Port);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"""
            GET {Path}?token={ana.Token} HTTP/1.1
            Host: {address.Authority}
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Origin: http://localhost:3000
            Origin: https://chat.example.org


            """.ReplaceLineEndings("\r\n")));
        using var reader = new StreamReader(tcp.GetStream());
        Assert.Equal("HTTP/1.1 403 Forbidden", await reader.ReadLineAsync().WaitAsync(RawClient.Deadline));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://localhost")]
    [InlineData("http://localhost:3000")]
    [InlineData("https://localhost:8443")]
    [InlineData("http://127.0.0.1:5173")]
    [InlineData("http://[::1]:5173")]
    public async Task Every_port_of_localhost_and_programs_without_an_origin_are_let_in(string? origin)
    {
        using var ana = await server.PersonAsync();
        await using var client = await RawClient.ConnectAsync(server, ana.Token, origin);
        await client.PingAsync();
    }

    [Fact]
    public async Task A_request_that_is_no_upgrade_answers_400()
    {
        using var ana = await server.PersonAsync();
        using var response = await ana.Http.GetAsync($"{Path}?token={ana.Token}");
        await response.ReadProblemAsync(400, ErrorCodes.WebSocketRequired);
    }

    [Fact]
    public async Task The_token_may_stand_in_the_header()
    {
        using var ana = await server.PersonAsync();
        await using var client = new RawClient();
        client.Socket.Options.SetRequestHeader("Authorization", "Bearer " + ana.Token);
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        await client.Socket.ConnectAsync(new Uri(server.WebSocketUrl + Path), deadline.Token);
        await client.PingAsync();
    }

    /// <summary>A handshake as it stands in RFC 6455, to see the answer's body.</summary>
    private async Task<HttpResponseMessage> UpgradeAsync(string query, string? origin = null)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Get, Path + query);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The same claims under <c>{"alg":"none"}</c>.</summary>
    private static string Unsigned(string token) => "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + token.Split('.')[1] + ".";
}
