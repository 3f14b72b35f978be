using System.Net;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class OriginTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Raw = "/api/ws/chat?token=";
    private const string Hub = "/hubs/chat?access_token=";

    private static readonly string[] TransportNames = [Raw, Hub];

    private static readonly string[] Foreign =
    [
        "null", "", "https://chat.example.org", "http://localhost.example.org", "http://localhost:3000.example.org",
        "http://example.org:80#localhost", "http://localhost@example.org", "file://localhost", "localhost", "https://",
        "http://localhost:3000 https://chat.example.org", "chrome-extension://localhost",
        // No browser writes localhost like that.
        "http://localhost/", "http://user@localhost", "http://@localhost", "http://localhost?", "http://localhost#x", "http://127.1", "http://2130706433",
        "http://0x7f.0.0.1", "http://[0:0:0:0:0:0:0:1]", "http:\\\\localhost", "http:localhost", "HTTP://localhost",
    ];

    private static readonly string[] Local =
        ["http://localhost", "http://localhost:3000", "https://localhost:8443", "http://127.0.0.1:5173", "http://[::1]:5173"];

    public static TheoryData<string, string> Refused => Matrix(Foreign);

    public static TheoryData<string, string> LetIn => Matrix(Local);

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task AnOriginThatIsNotAllowedAnswers403(string transport, string origin)
    {
        using var ana = await server.PersonAsync();
        using var response = await Handshake.SendAsync(server, transport + ana.Token, ("Origin", origin));
        await response.ReadProblemAsync(403, ErrorCodes.OriginNotAllowed);
    }

    [Theory]
    [MemberData(nameof(LetIn))]
    public async Task EveryPortOfLocalhostIsAllowed(string transport, string origin) => await AssertLetInAsync(transport, ("Origin", origin));

    [Theory]
    [InlineData(Raw)]
    [InlineData(Hub)]
    public async Task RequestsWithoutOriginAreAllowed(string transport) => await AssertLetInAsync(transport);

    [Theory]
    [InlineData(Raw)]
    [InlineData(Hub)]
    public async Task AllowedOriginDoesNotAdmitSecondOrigin(string transport)
    {
        using var ana = await server.PersonAsync();
        var answer = await RawHttp.SendAsync(server, $"""
            GET {transport}{ana.Token} HTTP/1.1
            Host: localhost
            Connection: Upgrade, close
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Origin: http://localhost:3000
            Origin: https://chat.example.org


            """);
        await answer.ReadProblemAsync(403, ErrorCodes.OriginNotAllowed);
    }

    [Theory]
    [InlineData("chat.example.org", "https://chat.example.org")]
    [InlineData("chat.example.org", "http://chat.example.org")]
    [InlineData("chat.example.org:8080", "http://chat.example.org:8080")]
    [InlineData("chat.example.org:443", "https://chat.example.org")]
    // A proxy on another port, with the host alone.
    [InlineData("chat.example.org", "https://chat.example.org:8443")]
    [InlineData("[2001:db8::1]", "http://[2001:db8::1]:8080")]
    [InlineData("xn--bcher-kva.example", "https://xn--bcher-kva.example")]
    [InlineData("xn--bcher-kva.example:8080", "http://xn--bcher-kva.example:8080")]
    [InlineData("[2001:db8::1]:8080", "http://[2001:db8::1]:8080")]
    public async Task OwnOriginIsAllowed(string host, string origin)
    {
        foreach (var transport in TransportNames)
        {
            await AssertLetInAsync(transport, ("Host", host), ("Origin", origin));
        }
    }

    [Theory]
    [InlineData("chat.example.org:8080", "http://chat.example.org")]
    [InlineData("chat.example.org:8080", "http://chat.example.org:9000")]
    [InlineData("chat.example.org", "https://www.chat.example.org")]
    [InlineData("chat.example.org", "https://chat.example.org/")]
    [InlineData("chat.example.org", "https://user@chat.example.org")]
    [InlineData("xn--bcher-kva.example", "https://xn--bcher-lva.example")]
    [InlineData("xn--a", "https://xn--b")]
    public async Task OriginOnAnotherPortIsForeign(string host, string origin)
    {
        using var ana = await server.PersonAsync();
        foreach (var transport in TransportNames)
        {
            using var response = await Handshake.SendAsync(server, transport + ana.Token, ("Host", host), ("Origin", origin));
            await response.ReadProblemAsync(403, ErrorCodes.OriginNotAllowed);
        }
    }

    [Theory]
    [InlineData("https://chat.example.org", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost:3000", 200)]
    [InlineData(null, 200)]
    public async Task NegotiationAndTicketCheckOrigin(string? origin, int status)
    {
        using var ana = await server.PersonAsync();
        foreach (var path in new[] { "/hubs/chat/negotiate?negotiateVersion=1", "/api/ws/ticket" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            if (origin is not null)
            {
                request.Headers.TryAddWithoutValidation("Origin", origin);
            }

            Assert.Equal(status, (int)(await ana.Http.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task OriginIsCheckedBeforeToken()
    {
        using var response = await Handshake.SendAsync(server, Raw + "nonsense", ("Origin", "https://chat.example.org"));
        await response.ReadProblemAsync(403, ErrorCodes.OriginNotAllowed);
    }

    private static TheoryData<string, string> Matrix(string[] origins)
    {
        var matrix = new TheoryData<string, string>();
        foreach (var transport in TransportNames)
        {
            foreach (var origin in origins)
            {
                matrix.Add(transport, origin);
            }
        }

        return matrix;
    }

    private async Task AssertLetInAsync(string transport, params (string Name, string Value)[] headers)
    {
        using var ana = await server.PersonAsync();
        using var response = await Handshake.SendAsync(server, transport + ana.Token, headers);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
    }
}
