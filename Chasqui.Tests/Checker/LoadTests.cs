using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <param name="store">Where everything is kept.</param>
/// <param name="messages">How many are sent.</param>
public abstract class LoadTests(Store store, int messages)
{
    [Fact]
    public async Task LoadWithoutFaultsKeepsEveryPromise()
    {
        using var data = new TemporaryFolder();
        await using var server = await RestartableServer.CreateAsync(store, data);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            $"load, {store}", server, new LoadOptions { Messages = messages, Seed = Scenario.NewSeed() });

        scenario.Load.Start();
        var report = await scenario.FinishAsync();

        Assert.Equal(messages, report.Progress.Acks);
    }
}

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class SqliteLoadTests() : LoadTests(Store.Sqlite, 150_000);

[PostgresTests]
[FullTier]
[Collection(Support.Load.Collection)]
public sealed class PostgresLoadTests() : LoadTests(Store.Postgres, 40_000);
