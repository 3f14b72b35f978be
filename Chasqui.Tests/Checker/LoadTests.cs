using Chasqui.Tests.Support;
using Xunit.Abstractions;

namespace Chasqui.Tests.Checker;

/// <param name="store">Where everything is kept.</param>
/// <param name="messages">How many are sent.</param>
/// <param name="output">For the figures.</param>
public abstract class LoadTests(Store store, int messages, ITestOutputHelper output)
{
    [Fact]
    public async Task UnderLoadWithoutFaultsEveryPromiseIsKept()
    {
        using var data = new TemporaryFolder();
        await using var server = await RestartableServer.CreateAsync(store, data);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            $"load, {store}", server, new LoadOptions { Messages = messages, Seed = Scenario.NewSeed() }, output);

        scenario.Load.Start();
        var report = await scenario.FinishAsync();

        Assert.Equal(messages, report.Progress.Acks);
    }
}

[Collection(Support.Load.Collection)]
public sealed class SqliteLoadTests(ITestOutputHelper output) : LoadTests(Store.Sqlite, 150_000, output);

[PostgresTests]
[Collection(Support.Load.Collection)]
public sealed class PostgresLoadTests(ITestOutputHelper output) : LoadTests(Store.Postgres, 40_000, output);
