using Chasqui.Tests.Support;

namespace Chasqui.Tests.Health;

public sealed class HealthTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task RunningServerIsHealthyWithoutToken(string path)
    {
        using var http = server.Anonymous();

        var answer = await http.GetAsync(path);

        Assert.Equal("healthy", (await answer.ReadAsync(200)).Text("status"));
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task ReadinessNamesItsParts()
    {
        using var http = server.Anonymous();

        var health = await (await http.GetAsync("/health/ready")).ReadAsync(200);

        var parts = health["checks"]!.AsArray().ToDictionary(part => part!.Text("name"), part => part!.Text("status"));
        Assert.Equal("healthy", parts["storage"]);
        Assert.Equal("healthy", parts["drain"]);
    }

    [Fact]
    public async Task DocumentAnswersHeadAndRefusesOtherMethods()
    {
        using var http = server.Anonymous();
        using var head = new HttpRequestMessage(HttpMethod.Head, "/health/ready");

        Assert.Equal(200, (int)(await http.SendAsync(head)).StatusCode);
        await (await http.PostAsync("/health/ready", content: null)).ReadProblemAsync(405, Chasqui.Protocol.ErrorCodes.MethodNotAllowed);
    }

    [Fact]
    public async Task HealthRequestsAreNotRateLimited()
    {
        await using var limited = new TestServer();
        await limited.StartAsync("--Limits:Enabled", "true", "--Limits:RequestsPer10sPerAddress", "1");
        using var http = limited.Anonymous();
        while ((int)(await http.GetAsync("/api/tasks")).StatusCode != 429)
        {
        }

        for (var i = 0; i < 10; i++)
        {
            await (await http.GetAsync("/health/ready")).ReadAsync(200);
        }
    }

    [Fact]
    public async Task HealthProbeWritesDatabaseAtMostOncePerSecond()
    {
        var clock = new TestClock();
        await using var still = new TestServer { Clock = clock };
        await still.StartAsync();
        using var http = still.Anonymous();
        await http.GetAsync("/health/ready");
        var before = CheckedAt(still);

        clock.Advance(TimeSpan.FromMilliseconds(999));
        await (await http.GetAsync("/health/ready")).ReadAsync(200);
        Assert.Equal(before, CheckedAt(still));

        clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await http.GetAsync("/health/ready")).ReadAsync(200);
        Assert.Equal(before + 1000, CheckedAt(still));
    }

    private static long CheckedAt(TestServer server)
    {
        using var database = server.OpenDatabase();
        return Dapper.SqlMapper.ExecuteScalar<long>(database, "SELECT checked_at FROM health");
    }
}
