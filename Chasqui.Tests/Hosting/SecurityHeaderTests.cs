using System.Net;
using System.Text;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Hosting;

public sealed class SecurityHeaderTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Strict = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

    private static readonly HttpClientHandler Plain = new() { AllowAutoRedirect = false };

    /// <summary>Who asks for what, what comes of it, and whether caches may keep it.</summary>
    public static TheoryData<string, string, string?, int, bool> Answers => new()
    {
        { "GET", "/docs", null, 302, false },
        { "GET", "/docs/rest/swagger-ui.css", null, 200, false },
        { "GET", "/docs/rest/swagger-ui-bundle.js", null, 200, false },
        { "GET", "/docs/rest/oauth2-redirect.html", null, 200, false },
        { "GET", "/docs/rest", null, 302, false },
        { "GET", "/docs/nothing", null, 404, true },
        { "GET", "/asyncapi.json", null, 200, false },
        { "GET", "/api/protocol", null, 200, true },
        { "GET", "/page/nothing", null, 404, true },
        { "POST", "/", null, 405, true },
        { "GET", "/openapi/v1.json", null, 200, false },
        { "HEAD", "/openapi/v1.json", null, 200, false },
        { "HEAD", "/api/protocol", null, 405, true },
        { "GET", "/nothing", null, 404, true },
        { "GET", "/health/ready", null, 200, true },
        { "GET", "/appsettings.json", null, 404, true },
        { "GET", "/.git/config", null, 404, true },
        { "TRACE", "/api/tasks", "good", 405, true },
        { "GET", "/api/tasks", "good", 200, true },
        { "GET", "/api/conversations", "good", 200, true },
        { "POST", "/api/login", "good", 200, true },
        { "OPTIONS", "/api/tasks", "preflight", 204, true },
        { "POST", "/api/login", "malformed", 400, true },
        { "GET", "/api/tasks", null, 401, true },
        { "GET", "/api/tasks", "garbage", 401, true },
        { "GET", "/api/ws/chat", "foreign", 403, true },
        { "GET", "/api/nothing", "good", 404, true },
        { "DELETE", "/api/tasks", "good", 405, true },
        { "POST", "/api/login", "text", 415, true },
        { "GET", "/api/ws/chat", null, 401, true },
        { "GET", "/api/ws/chat", "good", 400, true },
        { "POST", "/hubs/chat/negotiate?negotiateVersion=1", null, 401, true },
        { "POST", "/hubs/chat/negotiate?negotiateVersion=1", "good", 200, true },
        { "GET", "/hubs/chat?id=nobody", "good", 404, true },
        { "GET", "/hubs/chat", null, 401, true },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task EveryAnswerTellsBrowsersToDoNothingWithIt(string method, string path, string? how, int status, bool isPrivate)
    {
        using var person = await server.PersonAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        (string Name, string Value)[] headers = how switch
        {
            "good" => [("Authorization", "Bearer " + person.Token)],
            "foreign" => [("Authorization", "Bearer " + person.Token), ("Origin", "https://elsewhere.example.org")],
            "garbage" => [("Authorization", "Bearer nonsense")],
            "preflight" => [("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "GET")],
            _ => [],
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (method == "POST")
        {
            var body = how == "malformed" ? "{" : $$"""{"username":"{{person.Name}}","password":"{{Person.Password}}"}""";
            request.Content = new StringContent(body, Encoding.UTF8, how == "text" ? "text/plain" : "application/json");
        }

        using var http = new HttpClient(Plain, disposeHandler: false) { BaseAddress = new Uri(server.Url) };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(status, (int)answer.StatusCode);
        AssertHeaders(answer, Strict, isPrivate);
    }

    [Fact]
    public async Task TooLargeBodyAnswerHasSecurityHeaders() => AssertHeaders(
        await RawHttp.SendAsync(server, """
            POST /api/login HTTP/1.1
            Host: localhost
            Connection: close
            Content-Type: application/json
            Content-Length: 2000000000

            {
            """), Strict, isPrivate: true);

    [Fact]
    public async Task UnexpectedErrorAnswerHasSecurityHeaders()
    {
        await using var failing = new TestServer();
        await failing.StartAsync();
        using var person = await failing.PersonAsync();
        await using (var database = Database.Open(failing.DataFolder))
        {
            await database.ExecuteAsync("DROP TABLE tasks");
        }

        using var answer = await person.Http.GetAsync("/api/tasks");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        AssertHeaders(answer, Strict, isPrivate: true);
    }

    [Fact]
    public async Task ThePageOfRestRunsItsOwnScriptsAndNoOthers()
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        using var answer = await http.GetAsync("/docs/rest/index.html");
        var page = (await answer.Content.ReadAsStringAsync()).Replace("\r\n", "\n", StringComparison.Ordinal);
        var script = page.Split("<script>")[1].Split("</script>")[0];
        var style = page.Split("<style type=\"text/css\">")[1].Split("</style>")[0];

        AssertHeaders(answer, "", isPrivate: false);
        var policy = Header(answer, "Content-Security-Policy").Split("; ").ToDictionary(rule => rule.Split(' ')[0], rule => rule.Split(' ')[1..]);
        Assert.Equal(["'none'"], policy["default-src"]);
        Assert.Equal(["'self'", Hash(script)], policy["script-src"]);
        Assert.Equal("'self'", policy["style-src"][0]);
        Assert.Contains(Hash(style), policy["style-src"]);
        Assert.All(policy["style-src"][1..], source => Assert.StartsWith("'sha256-", source));
        Assert.Equal(["'self'"], policy["connect-src"]);
        Assert.Equal(["'none'"], policy["base-uri"]);
        Assert.Equal(["'none'"], policy["form-action"]);
        Assert.Equal(["'none'"], policy["frame-ancestors"]);
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Opener-Policy"));
    }

    [Theory]
    [InlineData("/docs/")]
    [InlineData("/docs/docs.js")]
    public async Task ThePageOfTheDocsRunsWhatComesFromThisServerAndParsesNoMarkup(string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        using var answer = await http.GetAsync(path);

        AssertHeaders(answer, "default-src 'none'; script-src 'self'; style-src 'self'; ", isPrivate: false);
        var policy = Header(answer, "Content-Security-Policy");
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("require-trusted-types-for 'script'; trusted-types 'none'", policy, StringComparison.Ordinal);
    }

    /// <summary>What came into the script would be let run by the hash.</summary>
    [Theory]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Forwarded-Path")]
    public async Task RequestTextIsNotWrittenIntoRestPage(string header)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        var page = await http.GetStringAsync("/docs/rest/index.html");
        http.DefaultRequestHeaders.TryAddWithoutValidation(header, "/x\"</script><script>alert(1)</script>");

        Assert.Equal(page, await http.GetStringAsync("/docs/rest/index.html?x=</script><script>alert(1)</script>"));
    }

    private static void AssertHeaders(HttpResponseMessage answer, string policy, bool isPrivate)
    {
        Assert.StartsWith(policy, Header(answer, "Content-Security-Policy"));
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Resource-Policy"));
        Assert.Equal(isPrivate, answer.Headers.TryGetValues("Cache-Control", out var cache) && cache.Single() == "no-store");
        if (answer.Content.Headers.ContentType is { MediaType: ['t', 'e', 'x', 't', '/', ..] } text)
        {
            Assert.Equal("utf-8", text.CharSet);
        }

        foreach (var banner in new[] { "Server", "X-Powered-By", "X-AspNet-Version" })
        {
            Assert.False(answer.Headers.Contains(banner), banner);
        }
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : "";

    private static string Hash(string text) =>
        $"'sha256-{Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
