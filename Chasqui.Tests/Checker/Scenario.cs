using System.Diagnostics;
using System.Globalization;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>A server, a load and a seed: what each test of the checker starts from and ends with.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly string _name;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private Scenario(string name, int seed, Load load)
    {
        (_name, Seed, Load) = (name, seed, load);
        Random = new Random(seed);
    }

    public int Seed { get; }

    public Random Random { get; }

    public Load Load { get; }

    public LoadProgress Progress => Load.Progress;

    public int Kills { get; set; }

    /// <summary>Another one for each run; <c>CHASQUI_SEED</c> repeats a run's choices.</summary>
    public static int NewSeed() =>
        int.TryParse(Environment.GetEnvironmentVariable("CHASQUI_SEED"), CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Random.Shared.Next(1_000_000);

    /// <summary>Prepares a load at servers that run already.</summary>
    public static async Task<Scenario> PrepareAsync(string name, Nodes nodes, LoadOptions options)
    {
        TestOutput.WriteLine($"CHASQUI_SEED={options.Seed}");
        return new Scenario(name, options.Seed, await Load.PrepareAsync(nodes, options));
    }

    /// <summary>Completes when so many more messages have been acknowledged.</summary>
    public Task AfterAcksAsync(int acks) => WithinDeadline(Progress.WhenAcksAsync(Progress.Acks + acks));

    public static Task WithinDeadline(Task task) => task.WaitAsync(Deadline);

    /// <summary>Lets the load come to its end and checks every promise.</summary>
    public async Task<CheckerReport> FinishAsync(string? name = null)
    {
        await Load.FinishAsync(Deadline);
        var took = _clock.Elapsed;
        var surprises = Load.Copy().SelectMany(copy => copy.Surprises);
        return Report(Verdict.Of(await Load.ReadAsync(), complete: true, surprises), took, name);
    }

    public CheckerReport Report(Verdict verdict, TimeSpan took, string? name = null)
    {
        var report = new CheckerReport(name ?? _name, Seed, Progress, verdict) { Kills = Kills, Took = took };
        TestOutput.WriteLine(report.ToString());
        report.RequireNoFault();
        return report;
    }

    public ValueTask DisposeAsync() => Load.DisposeAsync();
}
