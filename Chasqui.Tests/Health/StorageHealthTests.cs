using System.Text.Json.Nodes;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Health;

/// <param name="store">Where everything is kept.</param>
/// <param name="lockSql">What another program says that keeps the server from writing, in a transaction.</param>
public abstract class StorageHealthTests(Store store, string lockSql) : IAsyncLifetime
{
    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Storage:LockTimeoutSeconds", "1");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task WhileStorageTakesNoWritesTheServerLivesAndIsNotReady()
    {
        using var http = _server.Anonymous();
        await using (var other = _server.OpenDatabase())
        {
            await other.ExecuteAsync(lockSql);

            var storage = Part(await (await http.GetAsync("/health/ready")).ReadAsync(503), "storage");

            Assert.Equal("unhealthy", storage.Text("status"));
            Assert.NotEqual("", storage.Text("message"));
            await (await http.GetAsync("/health/live")).ReadAsync(200);
        }

        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (!(await http.GetAsync("/health/ready", deadline.Token)).IsSuccessStatusCode)
        {
        }
    }

    internal static JsonNode Part(JsonNode health, string name)
    {
        Assert.Equal("unhealthy", health.Text("status"));
        return health["checks"]!.AsArray().Single(part => part!.Text("name") == name)!;
    }
}

public sealed class SqliteStorageHealthTests() : StorageHealthTests(Store.Sqlite, "BEGIN IMMEDIATE");

[PostgresTests]
public sealed class PostgresStorageHealthTests() : StorageHealthTests(Store.Postgres, "BEGIN; LOCK TABLE health IN ACCESS EXCLUSIVE MODE")
{
    [Fact]
    public async Task ServerHaltedInHealthCheckKeepsOthersReady()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var other = server.OpenDatabase();
        await other.ExecuteAsync("BEGIN; UPDATE health SET checked_at = 1");
        using var http = server.Anonymous();

        await (await http.GetAsync("/health/ready")).ReadAsync(200);
    }

    [Fact]
    public async Task HealthWithoutDatabaseAnswersWithoutDetails()
    {
        await using var postgres = await Postgres.StartAsync();
        await using var server = new TestServer { Store = Store.Postgres, Instance = postgres };
        await server.StartAsync();
        using var http = server.Anonymous();
        await (await http.GetAsync("/health/ready")).ReadAsync(200);

        await postgres.StopAsync();

        // What was found out a moment ago may still be told.
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while ((await http.GetAsync("/health/ready", deadline.Token)).IsSuccessStatusCode)
        {
        }

        var health = await (await http.GetAsync("/health/ready")).ReadAsync(503);
        Assert.Equal("unhealthy", Part(health, "storage").Text("status"));
        Assert.DoesNotContain("127.0.0.1", health.ToJsonString(), StringComparison.Ordinal);

        await postgres.RunAsync();
        while (!(await http.GetAsync("/health/ready", deadline.Token)).IsSuccessStatusCode)
        {
        }
    }
}
