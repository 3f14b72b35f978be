using System.Security.Cryptography;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

[FullTier]
public sealed class SecretTests
{
    /// <summary>Everything at Trace, as an operator may ask for it: for all outputs, or for one, which overrides the former.</summary>
    public static TheoryData<string[]> Logging => new()
    {
        new[]
        {
            "--Logging:LogLevel:Default", "Trace",
            "--Logging:LogLevel:Microsoft", "Trace",
            "--Logging:LogLevel:Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", "Trace",
        },
        new[] { "--Logging:Console:LogLevel:Default", "Trace", "--Logging:Console:FormatterOptions:IncludeScopes", "true" },
    };

    [Theory]
    [MemberData(nameof(Logging))]
    public async Task TheLogHoldsNoPasswordNoTokenAndNothingThatIsSaidAtAnyLevel(string[] logging)
    {
        var (secrets, log) = await LogOfAsync(logging, (url, secrets, key) => new SecretVisitor(url, secrets, key).VisitAsync());

        // It is all there, but for the secrets.
        Assert.Contains("trce:", log, StringComparison.Ordinal);
        foreach (var address in SecretVisitor.Addresses)
        {
            Assert.Matches($"Request starting HTTP/1.1 [A-Z]+ http://[^/]+{address} ", log);
            Assert.Matches($"Request finished HTTP/1.1 [A-Z]+ http://[^/]+{address} ", log);
        }

        secrets.AssertNotIn(log);
    }

    [Theory]
    [MemberData(nameof(Logging))]
    public async Task ARequestThatCannotBeReadIsNotQuoted(string[] logging)
    {
        var (secrets, log) = await LogOfAsync(logging, async (url, secrets, _) =>
        {
            foreach (var request in Unreadable(secrets))
            {
                Assert.InRange((int)(await RawHttp.SendAsync(url, request)).StatusCode, 400, 599);
            }
        });

        Assert.Contains("dbug: Microsoft.AspNetCore.Server.Kestrel.Connections", log, StringComparison.Ordinal);
        secrets.AssertNotIn(log);
    }

    [Theory]
    [MemberData(nameof(Logging))]
    public async Task AnHttp2RequestThatCannotBeReadIsNotQuoted(string[] logging)
    {
        var (secrets, log) = await LogOfAsync(
            [.. logging, "--Kestrel:EndpointDefaults:Protocols", "Http2"],
            async (url, secrets, _) => await RawHttp2.RequestAsync(url, $"token={secrets.New()}"));

        Assert.Contains("dbug: Microsoft.AspNetCore.Server.Kestrel.Connections", log, StringComparison.Ordinal);
        secrets.AssertNotIn(log);
    }

    /// <summary>Runs a server with a visitor and gives all its output.</summary>
    private static async Task<(Secrets Secrets, string Log)> LogOfAsync(string[] settings, Func<Uri, Secrets, byte[], Task> visitAsync)
    {
        var secrets = new Secrets();
        var key = RandomNumberGenerator.GetBytes(32);
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(folder.Path, null, [
            "--urls", "http://127.0.0.1:0", "--Accounts:BcryptCost", "4", "--Limits:Enabled", "false",
            "--Accounts:SigningKey", secrets.Add(Convert.ToBase64String(key)), .. settings]);
        await visitAsync(new Uri(await server.UrlAsync()), secrets, key);
        var (_, errors) = await server.TerminateAsync();
        return (secrets, server.Output + errors);
    }

    private static IEnumerable<string> Unreadable(Secrets secrets)
    {
        string[] lines =
        [
            $"GET /api/ws/chat?ticket={secrets.New()} HTTP/1.1 more",
            $"GET /api/ws/chat?token={secrets.New()} HTTP/9.9",
            $"GET /api/ws/chat?token={secrets.New()}",
            $"GET api/ws/chat?token={secrets.New()} HTTP/1.1",
            $"GET /%00?token={secrets.New()} HTTP/1.1",
            $"GET http://[?token={secrets.New()} HTTP/1.1",
            $"G\0T /?token={secrets.New()} HTTP/1.1",
            $"GET / HTTP/1.1\nAuthorization Bearer {secrets.New()}",
            $"GET / HTTP/1.1\nAuthorization : Bearer {secrets.New()}",
            $"GET / HTTP/1.1\nAuthorization: Bearer \0{secrets.New()}",
            $"GET / HTTP/1.1\n: {secrets.New()}",
            $"GET / HTTP/1.1\nHost: \"{secrets.New()}",
            $"POST /api/login HTTP/1.1\nContent-Length: {secrets.New()}",
            $"POST /api/login HTTP/1.1\nTransfer-Encoding: {secrets.New()}",
            $"POST /api/login HTTP/1.1\nTransfer-Encoding: chunked\nContent-Type: application/json\n\n{secrets.New()}",
        ];
        return lines.Select(line => $"{line}\n{(line.Contains("Host:", StringComparison.Ordinal) ? "" : "Host: localhost\n")}Connection: close\n\n");
    }
}
