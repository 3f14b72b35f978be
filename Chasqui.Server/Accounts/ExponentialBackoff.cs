namespace Chasqui.Server.Accounts;

/// <param name="Free">Failures without a delay.</param>
/// <param name="Longest">The longest delay.</param>
/// <param name="Forgotten">The time after which one failure is forgotten.</param>
internal sealed record BackoffPolicy(int Free, TimeSpan Longest, TimeSpan Forgotten)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>The failures that count: more would not lengthen the delay, only the time to forget them.</summary>
    public int Most { get; } = Free + (int)Math.Ceiling(Math.Log2(Longest / First));

    /// <summary>One second after the last free failure, twice as long after each further one.</summary>
    public TimeSpan Delay(int failures) =>
        failures < Free ? TimeSpan.Zero
        : failures >= Most ? Longest
        : First * Math.Pow(2, failures - Free);
}

/// <summary>Counts failures, and attempts in progress that may fail. Not thread-safe.</summary>
internal sealed class ExponentialBackoff(BackoffPolicy policy, TimeProvider clock)
{
    private int _failures;
    private int _inProgress;
    private long _rememberedSince;
    private long _latest;

    /// <summary>The rest of the delay after the latest failure.</summary>
    public TimeSpan Wait => _failures > 0 ? policy.Delay(Remembered()) - clock.GetElapsedTime(_latest) : TimeSpan.Zero;

    /// <summary>The delay that the next attempt would have if all attempts in progress failed.</summary>
    public TimeSpan Delay => policy.Delay(Remembered() + _inProgress);

    /// <summary>Whether one more attempt in progress has no delay to fear, or is the only one.</summary>
    public bool HasRoom => _inProgress == 0 || Remembered() + _inProgress < policy.Free;

    public bool IsEmpty => Remembered() + _inProgress == 0;

    public void Begin() => _inProgress++;

    public void End(bool failed)
    {
        _inProgress--;
        if (failed)
        {
            _latest = clock.GetTimestamp();
            if (Remembered() == 0)
            {
                _rememberedSince = _latest;
            }

            _failures = Math.Min(_failures + 1, policy.Most);
        }
    }

    public void Reset() => _failures = 0;

    /// <summary>The failures that are not forgotten.</summary>
    private int Remembered()
    {
        var forgotten = (int)Math.Min(clock.GetElapsedTime(_rememberedSince) / policy.Forgotten, _failures);
        _failures -= forgotten;
        _rememberedSince += (long)(forgotten * policy.Forgotten.TotalSeconds * clock.TimestampFrequency);
        return _failures;
    }
}
