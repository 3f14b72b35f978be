using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Messages;

/// <summary>How many messages are stored, and how long their senders wait.</summary>
internal sealed class MessageMetrics
{
    private readonly Counter<long> _stored;
    private readonly Histogram<double> _waited;

    public MessageMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ServerMeter.Name);
        _stored = meter.CreateCounter<long>("chasqui.messages", "{message}", "Messages that were stored.");
        _waited = meter.CreateHistogram(
            "chasqui.message.ack.duration",
            unit: "s",
            description: "From when a message was queued until it was on disk and acknowledged.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });
    }

    /// <summary>When a message is queued.</summary>
    /// <returns>A timestamp for <see cref="Acknowledged"/>; 0 where the histogram is not collected.</returns>
    public long Queued() => _waited.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void Acknowledged(long queued)
    {
        if (queued != 0)
        {
            _waited.Record(Stopwatch.GetElapsedTime(queued).TotalSeconds);
        }
    }

    public void Stored() => _stored.Add(1);
}
