using System.Globalization;
using Xunit.Abstractions;

namespace Chasqui.Tests.Checker;

/// <summary>One line of figures about one run.</summary>
internal sealed record CheckerReport(
    string Run, int Seed, LoadProgress Progress, Verdict Verdict, IReadOnlyList<double> Latencies)
{
    public int Kills { get; init; }

    public TimeSpan Took { get; init; }

    public static CheckerReport Of(string run, int seed, Load load, Verdict verdict) =>
        new(run, seed, load.Progress, verdict, [.. load.Copy().SelectMany(copy => copy.Latencies).Order()]);

    public CheckerReport Print(ITestOutputHelper output)
    {
        Figures.Print(output, ToString());
        return this;
    }

    /// <summary>Fails with the first faults in words.</summary>
    public void RequireNoFault() =>
        Assert.True(Verdict.Total == 0, $"{this}{Environment.NewLine}{string.Join(Environment.NewLine, Verdict.Examples)}");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"checker {Run}: sends={Progress.Sends} acks={Progress.Acks} retries={Progress.Retries} "
        + $"duplicates_answered={Progress.Duplicates} kills={Kills} "
        + $"lost={Verdict[Fault.Lost]} duplicated={Verdict[Fault.Duplicated]} out_of_order={Verdict[Fault.OutOfOrder]} "
        + $"gaps={Verdict[Fault.Gap]} not_stored={Verdict[Fault.NotStored]} unexpected={Verdict[Fault.Unexpected]} "
        + $"p50={Percentile(0.5):F1}ms p99={Percentile(0.99):F1}ms took={Took.TotalSeconds:F1}s seed={Seed}");

    public double Percentile(double part) => Latencies.Count == 0 ? 0 : Latencies[(int)((Latencies.Count - 1) * part)];
}
