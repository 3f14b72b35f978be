using System.Diagnostics;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class PowerCutTests
{
    private const int Megabytes = 256;
    private const int Copies = 3;
    private const int MostMessagesBetweenCuts = 3_000;

    private static LoadOptions Load => new() { Messages = int.MaxValue, OneInHangsUp = 0, Seed = Scenario.NewSeed() };

    [Fact, Needs(Need.Mount, Need.LoopDevice)]
    public async Task EveryAcknowledgedMessageSurvivesPowerCut()
    {
        using var images = new TemporaryFolder();
        var image = Path.Combine(images.Path, "disk");
        Disk.MakeImage(image, Megabytes);
        using var disk = Disk.OfImage(image);
        await using var server = new RestartableServer(disk.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "power cut", server, Load);

        scenario.Load.Start();
        var cuts = new List<(string Image, IReadOnlyList<ClientCopy> Before)>();
        for (var i = 0; i < Copies; i++)
        {
            await scenario.AfterAcksAsync(scenario.Random.Next(1, MostMessagesBetweenCuts));
            var copy = $"{image}-{i}";
            server.Halt();
            cuts.Add((copy, scenario.Load.Copy()));
            PowerCut.CopyWhileStopped(image, copy);
            server.Signal(Signals.Continue);
        }

        await scenario.AfterAcksAsync(scenario.Random.Next(1, MostMessagesBetweenCuts));
        var acknowledged = scenario.Load.Copy();
        PowerCut.Shutdown(Path.Combine(disk.Path, "chasqui.db"));
        // When the first sender gets storage_unavailable, nothing more is written.
        await Scenario.WithinDeadline(Task.WhenAny(scenario.Progress.StorageUnavailable, server.WhenExitedAsync()));
        await server.KillAsync();
        await scenario.Load.HangUpAsync();
        cuts.Add((image + "-end", [.. acknowledged.Zip(scenario.Load.Copy(), (copy, later) => copy.WithSendsOf(later))]));
        Programs.Run("cp", "--sparse=always", image, cuts[^1].Image);

        foreach (var (copy, before) in cuts)
        {
            scenario.Kills++;
            await CheckAsync(scenario, copy, before);
        }
    }

    private static async Task CheckAsync(Scenario scenario, string image, IReadOnlyList<ClientCopy> before)
    {
        var clock = Stopwatch.StartNew();
        using var disk = Disk.OfImage(image);
        await using var server = new RestartableServer(disk.Path);
        await server.StartAsync();
        using var api = new Api(server.Url);
        var verdict = Verdict.Of(
            await scenario.Load.ReadAsync(api, before), complete: false, before.SelectMany(copy => copy.Surprises));
        var acks = before.Sum(copy => copy.Sends.Count(send => send.IsAcked));
        scenario.Report(verdict, clock.Elapsed, $"power cut after {acks} acks");
        Assert.NotEqual(0, acks);
    }
}
