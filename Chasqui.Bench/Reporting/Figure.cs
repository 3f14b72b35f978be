using Chasqui.Bench.Measuring;

namespace Chasqui.Bench.Reporting;

/// <summary>One figure of one scenario: what every round gave, server by server.</summary>
internal sealed record Figure(string Scenario, string Name, string Unit)
{
    public SortedDictionary<string, List<double>> Rounds { get; } = [];

    /// <returns>The median, or <see langword="null"/> where it was not measured.</returns>
    public double? MedianOf(string target) => Rounds.TryGetValue(target, out var values) ? Median.Of(values) : null;

    /// <returns>The median of the rounds' ratios: what disturbs one round disturbs both of its sides.</returns>
    public double? Ratio(string target, string other) =>
        Rounds.TryGetValue(target, out var values) && Rounds.TryGetValue(other, out var others) && others.Count == values.Count
            ? Median.Of(values.Zip(others, (value, attachToRunningServer) => value / attachToRunningServer))
            : null;
}
