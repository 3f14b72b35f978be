using System.Globalization;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <param name="store">Where everything is kept.</param>
/// <param name="defaultKills">In CI; <c>CHASQUI_KILLS</c> asks for more.</param>
public abstract class KillTests(Store store, int defaultKills)
{
    private const int MostMessagesBetweenKills = 6_000;

    [Fact]
    public async Task ServerKilledAtRandomMomentsKeepsEveryPromise()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("CHASQUI_KILLS"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : defaultKills;
        using var data = new TemporaryFolder();
        await using var server = await RestartableServer.CreateAsync(store, data);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            $"kill -9, {store}", server, new LoadOptions { Messages = int.MaxValue, Seed = Scenario.NewSeed() });

        scenario.Load.Start();
        for (; scenario.Kills < kills; scenario.Kills++)
        {
            await scenario.AfterAcksAsync(scenario.Random.Next(1, MostMessagesBetweenKills));
            await server.KillAsync();
            await server.StartAsync();
        }

        await scenario.AfterAcksAsync(MostMessagesBetweenKills);
        scenario.Progress.Stop();
        await scenario.FinishAsync();
    }
}

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class SqliteKillTests() : KillTests(Store.Sqlite, 12);

[PostgresTests]
[FullTier]
[Collection(Support.Load.Collection)]
public sealed class PostgresKillTests() : KillTests(Store.Postgres, 6);
