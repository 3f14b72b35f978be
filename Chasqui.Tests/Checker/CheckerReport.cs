using System.Globalization;

namespace Chasqui.Tests.Checker;

/// <summary>One line of figures about one run.</summary>
internal sealed record CheckerReport(
    string Run, int Seed, LoadProgress Progress, Verdict Verdict)
{
    public int Kills { get; init; }

    public TimeSpan Took { get; init; }

    /// <summary>Fails with the first faults in words.</summary>
    public void RequireNoFault() =>
        Assert.True(Verdict.Total == 0, $"{this}{Environment.NewLine}{string.Join(Environment.NewLine, Verdict.Examples)}");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"checker {Run}: sends={Progress.Sends} acks={Progress.Acks} retries={Progress.Retries} "
        + $"duplicates_answered={Progress.Duplicates} kills={Kills} "
        + $"lost={Verdict[Fault.Lost]} duplicated={Verdict[Fault.Duplicated]} out_of_order={Verdict[Fault.OutOfOrder]} "
        + $"gaps={Verdict[Fault.Gap]} not_stored={Verdict[Fault.NotStored]} unexpected={Verdict[Fault.Unexpected]} "
        + $"took={Took.TotalSeconds:F1}s seed={Seed}");
}
