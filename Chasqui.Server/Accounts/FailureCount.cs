namespace Chasqui.Server.Accounts;

/// <summary>How many failures are free, how long a delay they can add up to, and how soon one of them is forgotten.</summary>
internal sealed record FailureRule(int Free, TimeSpan Longest, TimeSpan Forgotten)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>More would make the delay no longer, and only take longer to forget.</summary>
    public int Most { get; } = Free + (int)Math.Ceiling(Math.Log2(Longest / First));

    /// <summary>One second after the last free failure, twice as long after each one more.</summary>
    public TimeSpan Delay(int failures) =>
        failures < Free ? TimeSpan.Zero
        : failures >= Most ? Longest
        : First * Math.Pow(2, failures - Free);
}

/// <summary>Attempts that failed, or are still under way. Callers take turns.</summary>
internal sealed class FailureCount(FailureRule rule, TimeProvider clock)
{
    private int _failures;
    private long _rememberedSince;
    private long? _latest;

    /// <summary>The delay that the failures so far are worth.</summary>
    public TimeSpan Delay
    {
        get
        {
            Forget();
            return rule.Delay(_failures);
        }
    }

    /// <summary>How much of the delay is left.</summary>
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

        _failures = Math.Min(_failures + 1, rule.Most);
    }

    /// <summary>One of them was no failure: its place and its turn are free again.</summary>
    public void TakeBack()
    {
        _failures = Math.Max(_failures - 1, 0);
        _latest = null;
    }

    private void Forget()
    {
        var forgotten = (int)Math.Min(clock.GetElapsedTime(_rememberedSince) / rule.Forgotten, _failures);
        _failures -= forgotten;
        _rememberedSince += (long)(forgotten * rule.Forgotten.TotalSeconds * clock.TimestampFrequency);
    }
}
