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

/// <summary>Counts attempts that failed or are in progress. Not thread-safe.</summary>
internal sealed class ExponentialBackoff(BackoffPolicy policy, TimeProvider clock)
{
    private int _failures;
    private long _rememberedSince;
    private long? _latest;

    public TimeSpan Delay
    {
        get
        {
            Forget();
            return policy.Delay(_failures);
        }
    }

    /// <summary>The rest of the delay.</summary>
    public TimeSpan Wait => _latest is { } latest ? Delay - clock.GetElapsedTime(latest) : TimeSpan.Zero;

    public bool IsEmpty => _failures == 0;

    public void Add()
    {
        Forget();
        _latest = clock.GetTimestamp();
        if (_failures == 0)
        {
            _rememberedSince = _latest.Value;
        }

        _failures = Math.Min(_failures + 1, policy.Most);
    }

    /// <summary>Takes back an attempt that did not fail.</summary>
    public void TakeBack()
    {
        _failures = Math.Max(_failures - 1, 0);
        _latest = null;
    }

    private void Forget()
    {
        var forgotten = (int)Math.Min(clock.GetElapsedTime(_rememberedSince) / policy.Forgotten, _failures);
        _failures -= forgotten;
        _rememberedSince += (long)(forgotten * policy.Forgotten.TotalSeconds * clock.TimestampFrequency);
    }
}
