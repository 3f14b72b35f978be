using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class StopTests
{
    private const int Stops = 4;
    private const int MostMessagesBetweenStops = 4_000;

    [Fact]
    public async Task ServerStoppedUnderLoadExitsWithZeroAndKeepsEveryPromise()
    {
        using var data = new TemporaryFolder();
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "SIGTERM", server, new LoadOptions { Messages = int.MaxValue, Seed = Scenario.NewSeed() });

        scenario.Load.Start();
        for (; scenario.Kills < Stops; scenario.Kills++)
        {
            await scenario.AfterAcksAsync(scenario.Random.Next(1, MostMessagesBetweenStops));
            var exitCode = await server.TerminateAsync();
            Assert.True(exitCode == 0, $"It exited with {exitCode}: {server.Output}");
            await server.StartAsync();
        }

        await scenario.AfterAcksAsync(MostMessagesBetweenStops);
        scenario.Progress.Stop();
        await scenario.FinishAsync();
    }
}
