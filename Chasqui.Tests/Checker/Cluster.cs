using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>Several servers on one PostgreSQL and one Redis, all of them its own.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private Cluster(Postgres postgres, Redis redis, Nodes nodes) => (Postgres, Redis, Nodes) = (postgres, redis, nodes);

    public Postgres Postgres { get; }

    public Redis Redis { get; }

    public Nodes Nodes { get; }

    public static async Task<Cluster> StartAsync(int servers)
    {
        var postgres = await Postgres.StartAsync();
        var redis = new Redis();
        await redis.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        var nodes = Enumerable.Range(0, servers)
            .Select(_ => new RestartableServer(Path.GetTempPath()).With(
                "--Storage:Provider", "Postgres", "--Storage:ConnectionString", database, "--Backplane:Redis", redis.ConnectionString))
            .ToList();
        var cluster = new Cluster(postgres, redis, new Nodes(nodes));
        await Task.WhenAll(nodes.Select(node => node.StartAsync()));
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes.Servers)
        {
            await node.DisposeAsync();
        }

        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
