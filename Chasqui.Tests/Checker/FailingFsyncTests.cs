using System.Globalization;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class FailingFsyncTests
{
    private const int ExitCode = 74;
    private const int FewestGoodFsyncs = 20;
    private const int MostGoodFsyncs = 200;
    private const int Messages = 3_000;

    [Fact, Needs(Need.Strace)]
    public async Task FailedFsyncEndsServerAndLosesNoAcknowledgedMessage()
    {
        var seed = Scenario.NewSeed();
        // Counted for each thread: the writer's are the commits and the checkpoints.
        var first = new Random(seed).Next(FewestGoodFsyncs, MostGoodFsyncs).ToString(CultureInfo.InvariantCulture);
        using var data = new TemporaryFolder();
        using var trace = new TemporaryFolder();
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "fsync fails", server, new LoadOptions { Messages = int.MaxValue, Seed = seed });

        await server.TerminateAsync();
        await server.StartAsync(
            "strace", "-f", "-qq", "-o", Path.Combine(trace.Path, "trace"), "-e", "trace=fsync,fdatasync",
            "-e", $"inject=fsync,fdatasync:error=EIO:when={first}+");
        scenario.Load.Start();
        Assert.Equal(ExitCode, await server.WhenExitedAsync());
        Assert.Contains("can no longer be trusted", server.Output, StringComparison.Ordinal);
        await server.StartAsync();

        await scenario.AfterAcksAsync(Messages);
        scenario.Progress.Stop();
        await scenario.FinishAsync();
    }
}
