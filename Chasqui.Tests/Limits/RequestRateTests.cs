using System.Net;
using System.Net.Http.Json;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

public sealed class RequestRateTests
{
    private const int Limit = 20;

    [Theory]
    [InlineData("GET", "/api/conversations")]
    [InlineData("POST", "/hubs/chat/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/api/ws/chat")]
    [InlineData("GET", "/hubs/chat")]
    public async Task RequestRateIsLimitedPerUser(string method, string path)
    {
        await using var running = await Running.StartAsync("--Limits:RequestsPer10sPerUser");
        using var ana = await running.Server.PersonAsync();
        using var ben = await running.Server.PersonAsync();

        var refused = await RefusalAsync(() => SendAsync(ana.Http, method, path));

        await AssertIsTooManyAsync(refused);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await SendAsync(ben.Http, method, path)).StatusCode);
    }

    [Theory]
    [InlineData("/api/logout")]
    [InlineData("/api/logout/all")]
    public async Task OwnerCanEndStolenTokenUnderFlood(string path)
    {
        await using var running = await Running.StartAsync("--Limits:RequestsPer10sPerUser");
        using var ana = await running.Server.PersonAsync();
        await RefusalAsync(() => SendAsync(ana.Http, "GET", "/api/conversations"));

        await (await ana.PostAsync(path, new { })).ReadAsync(200);
    }

    [Theory]
    [InlineData("GET", "/api/conversations")]
    [InlineData("POST", "/api/login")]
    [InlineData("POST", "/api/register")]
    [InlineData("GET", "/docs/rest/index.html")]
    [InlineData("GET", "/nothing")]
    [InlineData("POST", "/hubs/chat/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/api/ws/chat?token=nonsense")]
    public async Task RequestRateOfOneAddressIsLimitedAcrossUsers(string method, string path)
    {
        await using var running = await Running.StartAsync("--Limits:RequestsPer10sPerAddress");
        using var http = running.Server.Anonymous();

        await AssertIsTooManyAsync(await RefusalAsync(() => SendAsync(http, method, path)));
    }

    [Fact]
    public async Task RegistrationRateIsLimitedPerAddress()
    {
        await using var server = new TestServer();
        await server.StartAsync("--Limits:Enabled", "true", "--Limits:RegistrationsPerHourPerAddress", "2");
        using var http = server.Anonymous();
        using var elsewhere = server.AnonymousFrom("127.0.0.2");
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();

        var refused = await RegisterAsync(http);

        var problem = await refused.ReadProblemAsync(429, ErrorCodes.RateLimited);
        Assert.InRange(problem["retry_after_ms"]!.GetValue<int>(), 1, 30 * 60 * 1000);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30));
        using var again = await ana.AgainAsync();
        await (await RegisterAsync(elsewhere)).ReadAsync(200);
    }

    [Fact]
    public async Task BrowserPageCanReadRateLimitAnswer()
    {
        await using var running = await Running.StartAsync("--Limits:RequestsPer10sPerAddress");
        using var http = running.Server.Anonymous();
        http.DefaultRequestHeaders.Add("Origin", "http://localhost:3000");

        var refused = await RefusalAsync(() => SendAsync(http, "GET", "/api/tasks"));

        Assert.Equal(["http://localhost:3000"], refused.Headers.GetValues("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task DisabledLimitsRefuseNothing()
    {
        await using var running = await Running.StartAsync(
            "--Limits:RequestsPer10sPerAddress", "--Limits:Enabled", "false", "--Limits:RequestsPer10sPerUser", "1");
        using var ana = await running.Server.PersonAsync();
        for (var i = 0; i < 2 * Limit; i++)
        {
            await ana.GetAsync("/api/conversations");
        }
    }

    /// <summary>Asks until it is refused: what comes back meanwhile is less than what is sent.</summary>
    internal static async Task<HttpResponseMessage> RefusalAsync(Func<Task<HttpResponseMessage>> send)
    {
        for (var i = 0; i < 20 * Limit; i++)
        {
            var answer = await send();
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.True(i >= Limit - 4, $"Refused after {i}");
                return answer;
            }
        }

        throw new InvalidOperationException("It was never refused");
    }

    private static async Task AssertIsTooManyAsync(HttpResponseMessage refused)
    {
        var problem = await refused.ReadProblemAsync(429, ErrorCodes.RateLimited);
        Assert.InRange(problem["retry_after_ms"]!.GetValue<int>(), 1, 10_000);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    private static Task<HttpResponseMessage> RegisterAsync(HttpClient http)
    {
        var name = Names.Next();
        return http.PostAsJsonAsync("/api/register", new { username = name, email = $"{name}@example.org", password = Person.Password });
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        return await http.SendAsync(request);
    }

    /// <summary>A server with one small limit.</summary>
    internal sealed class Running : IAsyncDisposable
    {
        public TestServer Server { get; } = new();

        public static async Task<Running> StartAsync(string setting, params string[] more)
        {
            var running = new Running();
            await running.Server.StartAsync(["--Limits:Enabled", "true", setting, $"{Limit}", .. more]);
            return running;
        }

        public async ValueTask DisposeAsync() => await Server.DisposeAsync();
    }
}
