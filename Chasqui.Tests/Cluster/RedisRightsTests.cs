using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Cluster;

/// <summary>Redis with a user who may do little: what <c>docs/scaling.md</c> grants is enough, and what is missing is logged.</summary>
[PostgresTests]
public sealed partial class RedisRightsTests : IAsyncLifetime
{
    private const string User = "user=chasqui,password=password";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string Documented =
        Rights().Match(File.ReadAllText(Path.Combine(Repository.Root, "docs", "scaling.md"))).Value;

    private readonly Redis _redis = new();
    private readonly TemporaryFolder _folder = new();
    private string[] _settings = [];

    public async ValueTask InitializeAsync()
    {
        if (Need.Problem(Redis.Program) is null && Postgres.Problem is null)
        {
            await _redis.StartAsync();
            var database = await (await Postgres.SharedAsync()).CreateDatabaseAsync();
            _settings =
                ["--urls", "http://127.0.0.1:0", "--Storage:Provider", "Postgres", "--Storage:ConnectionString", database, "--Backplane:Redis"];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _folder.Dispose();
    }

    [Fact, Needs(Redis.Program)]
    public async Task DocumentedRightsAreEnough()
    {
        await _redis.CommandAsync(Documented);
        await using var first = Start(User);
        await using var second = Start(User);

        foreach (var server in new[] { first, second })
        {
            await server.SaysAsync("Redis is connected", Deadline);
            // It hears the other one.
            await server.SaysAsync("is connected", Deadline, times: 2);
            Assert.DoesNotContain("warn:", server.Output, StringComparison.Ordinal);
        }
    }

    [Theory, Needs(Redis.Program)]
    [InlineData("", "user=chasqui,password=wrong", "WRONGPASS")]
    [InlineData("", "", "NOAUTH")]
    [InlineData("-publish", User, "publish")]
    [InlineData("-subscribe", User, "subscribe")]
    [InlineData("resetchannels", User, "channel")]
    [InlineData("off", User, "WRONGPASS")]
    public async Task RefusalOfRedisIsLoggedAndEndsWhenTheRightIsGranted(string missing, string user, string reason)
    {
        await _redis.CommandAsync(Documented);
        await _redis.CommandAsync($"ACL SETUSER chasqui {missing}".TrimEnd());
        if (user.Length == 0)
        {
            await _redis.CommandAsync("ACL SETUSER default >password -@all +acl");
        }

        await using var server = Start(user);

        await server.SaysAsync("Redis refuses this server (", Deadline);
        var line = server.Output.Split('\n').Single(line => line.Contains("Redis refuses", StringComparison.Ordinal));
        Assert.Contains(reason, line, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("docs/scaling.md", line, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", line, StringComparison.Ordinal);
        if (user == User)
        {
            await _redis.CommandAsync(Documented);
            await server.SaysAsync("Redis is connected", Deadline);
        }
    }

    private ServerProcess Start(string user) =>
        ServerProcess.Start(_folder.Path, environment: null, [.. _settings, $"{_redis.ConnectionString},{user}".TrimEnd(',')]);

    [GeneratedRegex("^ACL SETUSER chasqui .+$", RegexOptions.Multiline)]
    private static partial Regex Rights();
}
