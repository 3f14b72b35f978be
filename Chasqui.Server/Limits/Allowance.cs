namespace Chasqui.Server.Limits;

/// <summary>
/// What one connection, or one user, may still ask for: everything at first, and what was used comes back evenly over ten seconds (the
/// generic cell rate algorithm).
/// </summary>
internal sealed class Allowance(int per10s, TimeProvider clock)
{
    private readonly long _window = 10 * clock.TimestampFrequency;
    private readonly long _cost = 10 * clock.TimestampFrequency / per10s;
    private long _usedUntil;

    /// <summary>When what was used is within the allowance again, in milliseconds; zero when it is.</summary>
    public int Wait => Milliseconds(Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) - _window);

    /// <summary>Whether a whole allowance was used beyond the one there is: a client that heeds no refusal.</summary>
    public bool IsFlooded => Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) > 2 * _window;

    /// <summary>Whether all that was used has come back.</summary>
    public bool IsWhole => Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) == 0;

    /// <summary>Asks for some; what is refused costs nothing, and what is more than the whole allowance costs all of it.</summary>
    /// <returns>Zero when it is granted; otherwise when to ask again, in milliseconds.</returns>
    public int Take(long count = 1)
    {
        var now = clock.GetTimestamp();
        var cost = Math.Min(count, per10s) * _cost;
        while (true)
        {
            var before = Volatile.Read(ref _usedUntil);
            var wait = Milliseconds(Used(before, now) + cost - _window);
            if (wait > 0 || Interlocked.CompareExchange(ref _usedUntil, Math.Max(before, now) + cost, before) == before)
            {
                return wait;
            }
        }
    }

    /// <summary>Counts what has come and cannot be sent back, whether or not it is still allowed.</summary>
    public void Charge(int count)
    {
        var now = clock.GetTimestamp();
        long before;
        do
        {
            before = Volatile.Read(ref _usedUntil);
        }
        while (Interlocked.CompareExchange(ref _usedUntil, Math.Max(before, now) + (count * _cost), before) != before);
    }

    private static long Used(long usedUntil, long now) => Math.Max(usedUntil - now, 0);

    private int Milliseconds(long ticks) => ticks <= 0 ? 0 : (int)Math.Ceiling(ticks * 1000.0 / clock.TimestampFrequency);
}
