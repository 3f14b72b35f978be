using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Storage;

internal sealed class CommitMetrics
{
    private readonly Histogram<int> _writes;
    private readonly Histogram<double> _durations;

    public CommitMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ServerMeter.Name);
        _writes = meter.CreateHistogram(
            "chasqui.storage.commit.writes", "{write}", "Writes per commit.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });
        _durations = meter.CreateHistogram(
            "chasqui.storage.commit.duration", "s", "Duration of a commit, with its statements.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
            });
    }

    public void Committed(int writes, long began)
    {
        _writes.Record(writes);
        _durations.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
