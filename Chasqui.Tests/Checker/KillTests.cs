using System.Globalization;
using Chasqui.Tests.Support;
using Xunit.Abstractions;

namespace Chasqui.Tests.Checker;

[Collection(Support.Load.Collection)]
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>In CI; <c>CHASQUI_KILLS</c> asks for more.</summary>
    private const int DefaultKills = 12;

    private const int MostMessagesBetweenKills = 6_000;

    [Fact]
    public async Task KilledAtRandomMomentsTheServerKeepsEveryPromise()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("CHASQUI_KILLS"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : DefaultKills;
        using var data = new TemporaryFolder();
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "kill -9", server, new LoadOptions { Messages = int.MaxValue, Seed = Scenario.NewSeed() }, output);

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
