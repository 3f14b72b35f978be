using Chasqui.Tests.Support;
using Npgsql;

namespace Chasqui.Tests.Cluster;

/// <summary>Two servers on one PostgreSQL database, and a Redis of their own between them: one for each test.</summary>
public sealed class TwoServers : IAsyncDisposable
{
    private string? _database;

    private TwoServers()
    {
    }

    public Redis Redis { get; } = new();

    /// <summary>Of another server with the same database and the same Redis.</summary>
    public string[] Settings { get; private set; } = [];

    public TestServer First { get; } = new();

    public TestServer Second { get; } = new();

    /// <param name="redis">Whether there is a Redis.</param>
    /// <param name="startRedis">Whether it runs before they start.</param>
    /// <param name="redisOfSecond">Where the second server thinks that the Redis is.</param>
    public static async Task<TwoServers> StartAsync(bool redis = true, bool startRedis = true, Func<Redis, string>? redisOfSecond = null)
    {
        var servers = new TwoServers();
        servers._database = await (await Postgres.SharedAsync()).CreateDatabaseAsync();
        string[] storage = ["--Storage:Provider", "Postgres", "--Storage:ConnectionString", servers._database];
        if (!redis)
        {
            await Task.WhenAll(servers.First.StartAsync(storage), servers.Second.StartAsync(storage));
            return servers;
        }

        if (startRedis)
        {
            await servers.Redis.StartAsync();
        }

        servers.Settings = [.. storage, "--Backplane:Redis", servers.Redis.ConnectionString];
        await Task.WhenAll(
            servers.First.StartAsync(servers.Settings),
            servers.Second.StartAsync([.. storage, "--Backplane:Redis", redisOfSecond?.Invoke(servers.Redis) ?? servers.Redis.ConnectionString]));
        return servers;
    }

    /// <summary>Their database.</summary>
    public NpgsqlConnection OpenDatabase() => Database.OpenPostgres(_database!);

    /// <summary>Ada of the first server and Bob of the second, in a group of theirs.</summary>
    public async Task<(Person Ada, Person Bob, string Group)> MeetAsync()
    {
        var (ada, bob) = (await First.PersonAsync(), await Second.PersonAsync());
        await using var socket = await bob.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        await socket.ReceiveAsync("Welcome");
        var group = await ada.OpenGroupAsync(bob);
        // A client that connects to the second server from here on gets no event of the group that opens.
        await socket.ReceiveAsync("ConversationCreated");
        return (ada, bob, group);
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Redis.DisposeAsync();
        if (_database is not null)
        {
            await (await Postgres.SharedAsync()).DropDatabaseAsync(_database);
        }
    }
}
