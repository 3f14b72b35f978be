using Chasqui.Tests.Support;
using Xunit.Abstractions;

namespace Chasqui.Tests.Checker;

[Collection(Support.Load.Collection)]
public sealed class LoadTests(ITestOutputHelper output)
{
    [Fact]
    public async Task UnderLoadWithoutFaultsEveryPromiseIsKept()
    {
        using var data = new TemporaryFolder();
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "load", server, new LoadOptions { Messages = 150_000, Seed = Scenario.NewSeed() }, output);

        scenario.Load.Start();
        var report = await scenario.FinishAsync();

        Assert.Equal(150_000, report.Progress.Acks);
    }
}
