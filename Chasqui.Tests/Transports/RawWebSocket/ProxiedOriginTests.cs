using Chasqui.Server.Http;
using Chasqui.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Chasqui.Tests.Transports.RawWebSocket;

/// <summary>The page of the server behind a proxy, and what the log says of the pages of others.</summary>
public sealed class ProxiedOriginTests
{
    private const string Own = "https://chat.example.org";

    [Theory]
    // The host that the page has, at another port.
    [InlineData("127.0.0.1", "chat.example.org:80", null, Own, 101)]
    [InlineData("127.0.0.1", "chat.example.org:8080", null, "http://chat.example.org:9000", 101)]
    // The proxy asks for the server by its own name for it.
    [InlineData("127.0.0.1", "127.0.0.1:8080", "chat.example.org", Own, 101)]
    [InlineData("127.0.0.1", "node1:8080", "chat.example.org:80", "http://chat.example.org:9000", 101)]
    [InlineData("127.0.0.1", "node1:8080", "chat.example.org, inner.example.org", Own, 101)]
    [InlineData("127.0.0.1", "node1:8080", "chat.example.org", "https://elsewhere.example.org", 403)]
    [InlineData("127.0.0.1", "node1:8080", "", Own, 403)]
    [InlineData("127.0.0.1", "node1:8080", null, "null", 403)]
    // Anybody could write these.
    [InlineData("10.0.0.7", "chat.example.org:8080", null, Own, 403)]
    [InlineData("10.0.0.7", "127.0.0.1:8080", "chat.example.org", Own, 403)]
    public async Task OwnPageConnectsBehindTrustedProxy(string trusted, string host, string? forwardedHost, string origin, int status)
    {
        await using var server = new TestServer();
        await server.StartAsync("--Limits:TrustedProxies", trusted);
        using var ana = await server.PersonAsync();
        (string, string)[] forwarded = forwardedHost is null ? [] : [("X-Forwarded-Host", forwardedHost)];

        using var answer = await Handshake.SendAsync(
            server, "/api/ws/chat?token=" + ana.Token, [("Host", host), ("Origin", origin), ("X-Forwarded-For", "203.0.113.1"), .. forwarded]);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task LogNamesRefusedOriginAndSetting()
    {
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(folder.Path, null, "--urls", "http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync()) };
        foreach (var (path, origin) in new[]
        {
            ("/api/ws/chat", "https://one.example.org"), ("/hubs/chat", "https://one.example.org"), ("/api/tasks", "https://two.example.org"),
            ("/api/ws/chat", "http://localhost:3000"), ("/api/ws/chat", $"http://{http.BaseAddress.Authority}"),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Origin", origin);
            using var answer = await http.SendAsync(request);
            Assert.Equal(path != "/api/tasks" && origin.EndsWith(".org", StringComparison.Ordinal), (int)answer.StatusCode == 403);
        }

        await server.TerminateAsync();

        var logged = server.Output.Split('\n').Where(line => line.Contains("Cors:AllowedOrigins", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, logged.Length);
        Assert.Contains($"https://one.example.org may not use this server (Host: {http.BaseAddress.Authority})", logged[0], StringComparison.Ordinal);
        Assert.Contains("https://two.example.org", logged[1], StringComparison.Ordinal);
    }

    [Fact]
    public void RefusedOriginIsLoggedOnceAMinute()
    {
        var (clock, log) = (new TestClock(), new Lines());
        var refused = new RefusedOrigins(clock, log);
        for (var second = 0; second < 130; second++)
        {
            refused.Log("https://one.example.org", "chat.example.org");
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, log.Count);
    }

    [Fact]
    public void ManyRefusedOriginsFillNeitherLogNorMemory()
    {
        var (clock, log) = (new TestClock(), new Lines());
        var refused = new RefusedOrigins(clock, log);
        for (var i = 0; i < 10_000; i++)
        {
            refused.Log($"https://{i}.example.org", null);
        }

        Assert.Equal(100, log.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        refused.Log("https://last.example.org", null);
        Assert.Equal(101, log.Count);
    }

    private sealed class Lines : ILogger<RefusedOrigins>
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count++;
    }
}
