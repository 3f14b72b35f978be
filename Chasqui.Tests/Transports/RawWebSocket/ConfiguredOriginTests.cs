using System.ComponentModel.DataAnnotations;
using System.Net;
using Chasqui.Server.Http;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class ConfiguredOriginTests
{
    [Theory]
    [InlineData("--Cors:AllowedOrigins:0", "https://chat.example.org", "--Cors:AllowedOrigins:1", "http://b.example:81")]
    [InlineData("--Cors:AllowedOrigins", "https://chat.example.org; http://b.example:81;")]
    public async Task ConfiguredOriginsReplaceLocalhostForSocketsAndCors(params string[] settings)
    {
        var server = new TestServer();
        try
        {
            await server.StartAsync(settings);
            using var ana = await server.PersonAsync();
            foreach (var origin in new[] { "https://chat.example.org", "http://b.example:81" })
            {
                Assert.Equal((101, 101, origin), await AskAsync(server, ana, origin));
            }

            foreach (var origin in new[] { "http://localhost:3000", "http://chat.example.org", "https://chat.example.org:444", "null" })
            {
                Assert.Equal((403, 403, null), await AskAsync(server, ana, origin));
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task AppOriginsCanBeAllowed()
    {
        string[] allowed =
        [
            "capacitor://localhost", "tauri://localhost", "app://.", "ionic://localhost:8100", "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "moz-extension://0199b1e5-0f28-7e61-a7d4-92b8c4e5f036", "file://", "null", "https://localhost",
        ];
        await using var server = new TestServer();
        await server.StartAsync("--Cors:AllowedOrigins", string.Join(';', allowed));
        using var ana = await server.PersonAsync();

        foreach (var origin in allowed)
        {
            Assert.Equal((101, 101, origin), await AskAsync(server, ana, origin));
        }

        foreach (var origin in new[] { "capacitor://elsewhere", "capacitor://localhost:80", "tauri://localhost/", "app://", "http://localhost", "file://localhost" })
        {
            Assert.Equal((403, 403, null), await AskAsync(server, ana, origin));
        }
    }

    [Fact]
    public void InternationalHostNameIsAccepted()
    {
        var cors = new CorsOptions { AllowedOrigins = ["https://bücher.example"] };

        Assert.Empty(cors.Validate(new ValidationContext(cors)));
        Assert.True(cors.Allows("https://xn--bcher-kva.example"));
        Assert.False(cors.Allows("https://xn--bcher-kva.example:8443"));
        Assert.False(cors.Allows("https://bucher.example"));
    }

    [Theory]
    [InlineData("chat.example.org")]
    [InlineData("https://chat.example.org/")]
    [InlineData("https://chat.example.org/app")]
    [InlineData("file://chat.example.org")]
    [InlineData("*")]
    [InlineData("capacitor://localhost/")]
    [InlineData("capacitor://local host")]
    [InlineData("capacitor:localhost")]
    [InlineData("Capacitor://localhost")]
    [InlineData("HTTPS://chat.example.org")]
    [InlineData("https:/chat.example.org")]
    [InlineData("wss://chat.example.org")]
    [InlineData("app://")]
    [InlineData("://localhost")]
    [InlineData("https://")]
    [InlineData("null;")]
    public void InvalidOriginIsNamed(string origin)
    {
        var cors = new CorsOptions { AllowedOrigins = [origin] };
        var problem = Assert.Single(cors.Validate(new ValidationContext(cors)));
        Assert.Contains($"'{origin}'", problem.ErrorMessage, StringComparison.Ordinal);
    }

    /// <summary>What the two transports answer to a page of this origin, and whether it may read what REST says.</summary>
    private static async Task<(int Raw, int Hub, string? Cors)> AskAsync(TestServer server, Person person, string origin)
    {
        using var raw = await Handshake.SendAsync(server, "/api/ws/chat?token=" + person.Token, ("Origin", origin));
        using var hub = await Handshake.SendAsync(server, "/hubs/chat?access_token=" + person.Token, ("Origin", origin));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tasks");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        using var rest = await person.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, rest.StatusCode);
        return ((int)raw.StatusCode, (int)hub.StatusCode,
            rest.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? Assert.Single(allowed) : null);
    }
}
