namespace Chasqui.Server.Limits;

/// <summary>
/// A rate that can be used at once and refills evenly over ten seconds (the generic cell rate algorithm). Unlike the framework's
/// limiters it counts what came past the rate, which shows a flood.
/// </summary>
internal sealed class Allowance(int per10s, TimeProvider clock)
{
    private readonly long _window = 10 * clock.TimestampFrequency;
    private readonly long _cost = 10 * clock.TimestampFrequency / per10s;
    private long _usedUntil;

    /// <summary>Milliseconds until the use is within the rate again; zero when it is.</summary>
    public int Wait => Milliseconds(Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) - _window);

    /// <summary>Whether twice the rate was used: the client ignores refusals.</summary>
    public bool IsFlooded => Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) > 2 * _window;

    public bool IsFull => Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) == 0;

    /// <summary>Takes from the rate. A refusal costs nothing; more than the whole rate costs the whole rate.</summary>
    /// <returns>Zero when it is granted, otherwise the milliseconds to wait.</returns>
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

    /// <summary>Counts what has already come, within the rate or past it.</summary>
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
