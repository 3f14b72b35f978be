using System.Globalization;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Fuzzing;

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class FrameFuzzTests
{
    /// <summary>What the memory may still grow by when a round has warmed everything up.</summary>
    private const long MemoryMargin = 64 * 1024 * 1024;

    [Fact]
    public async Task FuzzedFramesLeaveServerHealthy()
    {
        var (seed, frames) = (Scenario.NewSeed(), FuzzBudget.Frames);
        await using var server = await FuzzedServer.StartAsync();
        var fuzzer = await Fuzzer.PrepareAsync(server.Url, server.Api);
        var chat = await HealthyChat.BeginAsync(server.Url, server.Api);
        await chat.RunAsync();
        var sockets = server.Sockets;

        long? warm = null;
        for (var round = 0; fuzzer.Frames < frames; round++)
        {
            TestOutput.WriteLine($"CHASQUI_SEED={seed + round}");
            using var over = new CancellationTokenSource();
            var talking = chat.RunUntilAsync(over.Token);
            await fuzzer.RunAsync(seed + round, Math.Min(FuzzBudget.Round, frames - fuzzer.Frames));
            await over.CancelAsync();
            await talking;

            await server.WhenSocketsAreBackAsync(sockets);
            server.RequireQuietLog();
            Print(fuzzer, server, seed + round);
            warm ??= server.Memory;
            Assert.True(server.Memory < warm + MemoryMargin, $"{warm} bytes after the first round, now {server.Memory}");
        }

        await RequireDenseAsync(server, fuzzer);
        await chat.RunAsync();
        await server.StopAsync();
    }

    private static async Task RequireDenseAsync(FuzzedServer server, Fuzzer fuzzer)
    {
        var stored = await server.Api.HistoryAsync(fuzzer.Own, fuzzer.Account);
        Assert.NotEmpty(stored);
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(seq => (long)seq), stored.Select(message => message.Seq));
        Assert.Empty(await server.Api.HistoryAsync(fuzzer.Foreign, fuzzer.Owner));
    }

    private static void Print(Fuzzer fuzzer, FuzzedServer server, int seed) => TestOutput.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"fuzz: frames={fuzzer.Frames} connections={fuzzer.Connections} frames/s={fuzzer.Frames / fuzzer.Took.TotalSeconds:F0} "
        + $"took={fuzzer.Took.TotalSeconds:F1}s memory={server.Memory >> 20}MiB log={server.Log.Length}bytes seed={seed}"));
}
