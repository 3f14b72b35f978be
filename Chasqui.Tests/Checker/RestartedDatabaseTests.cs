using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

[PostgresTests]
[FullTier]
[Collection(Support.Load.Collection)]
public sealed class RestartedDatabaseTests
{
    private const int Restarts = 4;
    private const int MostMessagesBetweenRestarts = 3_000;

    [Fact]
    public async Task PostgresRestartsKeepEveryPromise()
    {
        using var data = new TemporaryFolder();
        await using var postgres = await Postgres.StartAsync();
        await using var server = new RestartableServer(data.Path).On(await postgres.CreateDatabaseAsync());
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "PostgreSQL restarted", server, new LoadOptions { Messages = int.MaxValue, Seed = Scenario.NewSeed() });

        scenario.Load.Start();
        for (; scenario.Kills < Restarts; scenario.Kills++)
        {
            await scenario.AfterAcksAsync(scenario.Random.Next(1, MostMessagesBetweenRestarts));
            await postgres.RestartAsync();
        }

        await scenario.AfterAcksAsync(MostMessagesBetweenRestarts);
        scenario.Progress.Stop();
        await scenario.FinishAsync();
    }
}
