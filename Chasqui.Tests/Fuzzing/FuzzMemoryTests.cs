using System.Diagnostics;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Fuzzing;

/// <summary>The same in this process, where memory can be counted to the byte.</summary>
[FullTier]
[Collection(Support.Load.Collection)]
public sealed class FuzzMemoryTests(TestServer server) : IClassFixture<TestServer>
{
    private const int WarmUp = 30_000;
    private const int Frames = 60_000;

    /// <summary>Some 500 connections come and go meanwhile: each would have to leave less than two kilobytes.</summary>
    private const long Margin = 1024 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task FuzzedFramesLeakNoMemory()
    {
        var seed = Scenario.NewSeed();
        TestOutput.WriteLine($"CHASQUI_SEED={seed}");
        using var api = new Api(new Uri(server.Url));
        var fuzzer = await Fuzzer.PrepareAsync(new Uri(server.Url), api);
        await fuzzer.RunAsync(seed, WarmUp);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await fuzzer.RunAsync(seed + 1, Frames);

        var clock = Stopwatch.StartNew();
        var after = GC.GetTotalMemory(forceFullCollection: true);
        // The last connections may still be on their way out.
        while (after > before + Margin && clock.Elapsed < Deadline)
        {
            await api.HistoryAsync(fuzzer.Foreign, fuzzer.Owner);
            after = GC.GetTotalMemory(forceFullCollection: true);
        }

        TestOutput.WriteLine($"{before} bytes before, {after} after {fuzzer.Connections} connections");
        Assert.True(after <= before + Margin, $"{before} bytes before, {after} after");
    }
}
