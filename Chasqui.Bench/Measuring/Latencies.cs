using System.Diagnostics;

namespace Chasqui.Bench.Measuring;

/// <summary>How long many things took, in steps of ten microseconds up to ten seconds. Any number of threads may add to it.</summary>
internal sealed class Latencies
{
    private const double StepsPerSecond = 100_000;

    private readonly long[] _counts = new long[(10 * (int)StepsPerSecond) + 1];

    public void Add(TimeSpan latency) =>
        Interlocked.Increment(ref _counts[Math.Clamp((int)(latency.TotalSeconds * StepsPerSecond), 0, _counts.Length - 1)]);

    public void AddSince(long timestamp) => Add(Stopwatch.GetElapsedTime(timestamp));

    /// <summary>The latency in milliseconds that this share of all stayed within; NaN when there are none.</summary>
    public double Percentile(double share)
    {
        var left = (long)Math.Ceiling(_counts.Sum() * share);
        if (left == 0)
        {
            return double.NaN;
        }

        var step = 0;
        while ((left -= _counts[step]) > 0)
        {
            step++;
        }

        return (step + 1) / StepsPerSecond * 1000;
    }
}
