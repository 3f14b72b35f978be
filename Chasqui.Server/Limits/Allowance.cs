namespace Chasqui.Server.Limits;

/// <summary>
/// What one connection may still ask for: everything at first, and what was used comes back evenly over ten seconds (the
/// generic cell rate algorithm). One frame asks at a time.
/// </summary>
internal sealed class Allowance(int per10s, TimeProvider clock)
{
    private readonly long _window = 10 * clock.TimestampFrequency;
    private readonly long _cost = 10 * clock.TimestampFrequency / per10s;
    private long _usedUntil;

    /// <returns>Zero when it is granted; otherwise when to ask again, in milliseconds.</returns>
    public int Take()
    {
        var now = clock.GetTimestamp();
        var usedUntil = Math.Max(_usedUntil, now) + _cost;
        var missing = usedUntil - now - _window;
        if (missing > 0)
        {
            return (int)Math.Ceiling(missing * 1000.0 / clock.TimestampFrequency);
        }

        _usedUntil = usedUntil;
        return 0;
    }
}
