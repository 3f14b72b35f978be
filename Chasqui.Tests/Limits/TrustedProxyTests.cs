using System.Net;
using Chasqui.Server.Limits;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Http;
using static Chasqui.Tests.Limits.RequestRateTests;

namespace Chasqui.Tests.Limits;

public sealed class TrustedProxyTests
{
    private const string Setting = "--Limits:RequestsPer10sPerAddress";

    [Theory]
    [InlineData()]
    [InlineData("--Limits:TrustedProxies", "192.0.2.1;10.0.0.0/8;::1")]
    // As ASPNETCORE_FORWARDEDHEADERS_ENABLED sets it.
    [InlineData("--ForwardedHeaders_Enabled", "true")]
    public async Task ForwardedAddressFromUntrustedClientIsIgnored(params string[] settings)
    {
        await using var running = await Running.StartAsync(Setting, settings);
        using var http = running.Server.Anonymous();
        var last = 0;

        await RefusalAsync(() => SendAsync(http, $"203.0.113.{++last % 250}"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("192.0.2.1;127.0.0.0/8")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task BehindATrustedProxyEachClientHasItsOwnLimit(string proxies)
    {
        await using var running = await Running.StartAsync(Setting, "--Limits:TrustedProxies", proxies);
        using var http = running.Server.Anonymous();

        await RefusalAsync(() => SendAsync(http, "203.0.113.1"));

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, "203.0.113.2")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, "2001:db8::1")).StatusCode);
    }

    [Fact]
    public async Task ForwardedAddressBeforeTrustedProxyIsIgnored()
    {
        await using var running = await Running.StartAsync(Setting, "--Limits:TrustedProxies", "127.0.0.1;10.0.0.7");
        using var http = running.Server.Anonymous();
        var last = 0;

        // The proxy appends whom it sees; the client wrote the rest, and even claims to come through the other proxy.
        await RefusalAsync(() => SendAsync(http, $"203.0.113.{++last % 250}, 10.0.0.7, 198.51.100.9"));

        // Through two trusted ones it is the one before them.
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, "198.51.100.8, 10.0.0.7")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(http, "198.51.100.9, 10.0.0.7")).StatusCode);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("127.0.0.1", 0)]
    public async Task UntrustedProxyIsLoggedOnce(string? trusted, int warnings)
    {
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(
            folder.Path, environment: null,
            ["--urls", "http://127.0.0.1:0", .. trusted is null ? [] : new[] { "--Limits:TrustedProxies", trusted }]);
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync()) };
        for (var i = 0; i < 3; i++)
        {
            await SendAsync(http, "203.0.113.1");
        }

        await server.TerminateAsync();

        Assert.Equal(warnings, server.Output.Split('\n').Count(line => line.Contains("Limits:TrustedProxies", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData(null, "255.255.255.255")]
    public void ClientIsIdentifiedByIPv4AddressOrIPv6Network(string? remote, string expected)
    {
        var http = new DefaultHttpContext { Connection = { RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote) } };
        Assert.Equal(IPAddress.Parse(expected), ClientAddress.Of(http));
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing");
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        return await http.SendAsync(request);
    }
}
