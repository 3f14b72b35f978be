using System.Globalization;
using Chasqui.Tests.Support;
using Npgsql;

namespace Chasqui.Tests.Checker;

/// <summary>Several servers on one PostgreSQL, which has a standby, and one Redis, all of them its own.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private Postgres _standby;

    private Cluster(Postgres postgres, Postgres standby, Redis redis, Nodes nodes) =>
        (Postgres, _standby, Redis, Nodes) = (postgres, standby, redis, nodes);

    /// <summary>The primary.</summary>
    public Postgres Postgres { get; private set; }

    public Redis Redis { get; }

    public Nodes Nodes { get; }

    public static async Task<Cluster> StartAsync(int servers)
    {
        var postgres = await Postgres.StartAsync();
        var redis = new Redis();
        await redis.StartAsync();
        var database = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync())
        {
            TargetSessionAttributes = "primary",
            HostRecheckSeconds = 1,
        };
        var standby = await postgres.CreateStandbyAsync();
        database.Host = string.Create(
            CultureInfo.InvariantCulture, $"{database.Host}:{postgres.Port},{database.Host}:{standby.Port}");
        var nodes = Enumerable.Range(0, servers)
            .Select(_ => new RestartableServer(Path.GetTempPath()).With(
                "--Storage:Provider", "Postgres", "--Storage:ConnectionString", database.ConnectionString,
                "--Backplane:Redis", redis.ConnectionString))
            .ToList();
        var cluster = new Cluster(postgres, standby, redis, new Nodes(nodes));
        await Task.WhenAll(nodes.Select(node => node.StartAsync()));
        return cluster;
    }

    /// <summary>The primary fails, its standby takes over, and gets a standby of its own.</summary>
    public async Task FailOverAsync()
    {
        await Postgres.StopAsync();
        await _standby.PromoteAsync();
        (Postgres, _standby) = (_standby, Postgres);
        await _standby.FollowAsync(Postgres);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes.Servers)
        {
            await node.DisposeAsync();
        }

        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        await _standby.DisposeAsync();
    }
}
