namespace Chasqui.Server.Configuration;

/// <summary>
/// The system's time without its steps. A clock that is set to another time by mistake must not end every token, or let tickets
/// live on: a step is followed only when it has lasted.
/// </summary>
internal sealed class SteadyClock(TimeProvider system) : TimeProvider
{
    /// <summary>Up to this difference the system's clock is only more exact than ours.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    /// <summary>How long a step must last; longer than a ticket lives.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _base = system.GetUtcNow();
    private long _read = system.GetTimestamp();
    private long? _steppedAt;

    public override long TimestampFrequency => system.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => system.LocalTimeZone;

    public override long GetTimestamp() => system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        system.CreateTimer(callback, state, dueTime, period);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            var timestamp = system.GetTimestamp();
            var steady = _base + system.GetElapsedTime(_read, timestamp);
            var now = system.GetUtcNow();
            if ((now - steady).Duration() <= Step)
            {
                _steppedAt = null;
            }
            else
            {
                _steppedAt ??= timestamp;
                if (system.GetElapsedTime(_steppedAt.Value, timestamp) < Lasting)
                {
                    return steady;
                }

                _steppedAt = null;
            }

            (_base, _read) = (now, timestamp);
            return now;
        }
    }
}
