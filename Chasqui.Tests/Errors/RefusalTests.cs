using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Errors;

/// <summary>What is refused before an endpoint has a say.</summary>
public sealed partial class RefusalTests(TestServer server) : IClassFixture<TestServer>, IDisposable
{
    private readonly HttpClient _http = server.Anonymous();

    public static TheoryData<string> MalformedBodies =>
    [
        "{", "}", "{\"email\":", "{\"email\":}", "{\"email\":\"a}", "{'email':'a'}", "{email:1}", "{\"email\":\"a\",}", "nonsense", "\0",
        "{\"email\":\"a\"} {\"email\":\"b\"}", "{\"email\":\"a\\q\"}", "{\"email\":\"a\nb\"}", "{} // comment", "NaN",
        "{\"x\":" + new string('[', 100) + new string(']', 100) + "}",
    ];

    [Theory]
    [MemberData(nameof(MalformedBodies))]
    public async Task MalformedJsonIsRefused(string body) => await AssertLoginAsync(body, "invalid_json");

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"email\":\"a\"}]")]
    [InlineData("\"text\"")]
    [InlineData("7")]
    [InlineData("true")]
    [InlineData("null")]
    public async Task ABodyThatIsNoObjectIsRefused(string body) => await AssertLoginAsync(body, "invalid_json");

    [Theory]
    [InlineData("""{"email":"a@example.org","email":"b@example.org","password":"correct horse"}""")]
    [InlineData("""{"email":"a@example.org","password":"correct horse","password":"correct horse"}""")]
    [InlineData("""{"email":"a@example.org","\u0065mail":"b@example.org","password":"correct horse"}""")]
    public async Task AFieldThatStandsTwiceIsRefused(string body) => await AssertLoginAsync(body, "invalid_json");

    [Theory]
    [InlineData("""{"email":7,"password":"correct horse"}""")]
    [InlineData("""{"email":{"a":1},"password":"correct horse"}""")]
    [InlineData("""{"password":"correct horse","email":["a"]}""")]
    [InlineData("""{"email":"\ud800","password":"correct horse"}""")]
    public async Task AFieldOfTheWrongTypeIsRefusedByName(string body) =>
        Assert.Contains("'email'", await AssertLoginAsync(body, "invalid_field"), StringComparison.Ordinal);

    [Theory]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task AMissingBodyIsRefused(string? type)
    {
        using var body = new ByteArrayContent([]);
        body.Headers.ContentType = type is null ? null : new(type);
        await AssertIsWordedAsync(await _http.PostAsync("/api/login", body), 400, "invalid_json");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=nonsense")]
    [InlineData("application/json; charset=utf-7")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData(null)]
    public async Task ABodyThatIsNotJsonIsAnUnsupportedMediaType(string? type)
    {
        using var body = new ByteArrayContent("""{"email":"a@example.org","password":"correct horse"}"""u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        await AssertIsWordedAsync(await _http.PostAsync("/api/login", body), 415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json; charset=nonsense")]
    [InlineData("application/json; charset=utf-7")]
    public async Task AMissingBodyInAnUnknownCharsetIsAnUnsupportedMediaType(string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/login") { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.TransferEncodingChunked = true;
        await AssertIsWordedAsync(await _http.SendAsync(request), 415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=UTF-8")]
    [InlineData("APPLICATION/JSON")]
    public async Task JsonMediaTypeIgnoresCaseAndParameters(string type)
    {
        using var body = new ByteArrayContent("""{"email":"a@example.org","password":"correct horse"}"""u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        await (await _http.PostAsync("/api/login", body)).ReadProblemAsync(401, "invalid_credentials");
    }

    [Theory]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/nothing")]
    [InlineData("POST", "/nothing/at/all")]
    [InlineData("GET", "/api/tasks/0195f000-0000-7000-8000-000000000000/nothing")]
    [InlineData("GET", "/%2e%2e/%2e%2e/etc/passwd")]
    public async Task AnUnknownAddressIsNotFound(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await AssertIsWordedAsync(await _http.SendAsync(request), 404, "not_found");
    }

    [Theory]
    [InlineData("GET", "/api/register")]
    [InlineData("PUT", "/api/login")]
    [InlineData("DELETE", "/api/tasks")]
    [InlineData("PUT", "/api/conversations")]
    [InlineData("DELETE", "/api/conversations/conv:0195f000-0000-7000-8000-000000000000/messages")]
    public async Task AnotherMethodIsNotAllowed(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var answer = await _http.SendAsync(request);
        await AssertIsWordedAsync(answer, 405, "method_not_allowed");
        Assert.NotEmpty(answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer")]
    [InlineData("Basic YTpi")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task WithoutAGoodTokenACallIsUnauthorized(string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tasks");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        var answer = await _http.SendAsync(request);
        await AssertIsWordedAsync(answer, 401, "unauthorized");
        Assert.Contains(answer.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
    }

    [Fact]
    public async Task ABodyThatIsTooLargeIsRefused()
    {
        // Announced and never sent: the server does not wait for it.
        var answer = await RawHttp.SendAsync(server, """
            POST /api/login HTTP/1.1
            Host: localhost
            Connection: close
            Content-Type: application/json
            Content-Length: 2000000000

            {
            """);
        await AssertIsWordedAsync(answer, 413, "payload_too_large");
    }

    [Theory]
    [InlineData("POST", "/api/login", "{", 400, "invalid_json")]
    [InlineData("POST", "/api/login", "{}", 400, "invalid_field")]
    [InlineData("GET", "/api/nothing", null, 404, "not_found")]
    [InlineData("GET", "/api/login", null, 405, "method_not_allowed")]
    [InlineData("GET", "/api/tasks", null, 401, "unauthorized")]
    public async Task ClientThatAcceptsHtmlOnlyIsRefusedInJson(string method, string path, string? body, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        await AssertIsWordedAsync(await _http.SendAsync(request), status, code);
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> AssertLoginAsync(string body, string code) =>
        await AssertIsWordedAsync(await _http.PostAsync("/api/login", Rest.Json(body)), 400, code);

    /// <summary>Checks a refusal: the documented members alone, and a sentence that is not the framework's.</summary>
    private static async Task<string> AssertIsWordedAsync(HttpResponseMessage answer, int status, string code)
    {
        var problem = await answer.ReadProblemAsync(status, code);
        Assert.Equal(["code", "detail", "message", "status", "title", "type"], problem.Fields().Order());
        Assert.DoesNotMatch(Internals(), problem.ToJsonString());
        return problem.Text("message");
    }

    [GeneratedRegex("parameter|Implicit|Exception|System\\.|Chasqui|\\$\\.|   at ")]
    private static partial Regex Internals();
}
