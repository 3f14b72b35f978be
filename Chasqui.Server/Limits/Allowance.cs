namespace Chasqui.Server.Limits;

/// <summary>
/// An amount that can be used at once and refills evenly over its period (the generic cell rate algorithm). Unlike the framework's
/// limiters it counts what came past the rate, which shows a flood.
/// </summary>
internal sealed class Allowance(long max, TimeSpan period, TimeProvider clock)
{
    private readonly long _window = (long)(period.TotalSeconds * clock.TimestampFrequency);
    private readonly long _cost = (long)(period.TotalSeconds * clock.TimestampFrequency / max);
    private long _usedUntil;

    /// <summary>Milliseconds until the use is within the rate again; zero when it is.</summary>
    public int Wait => Milliseconds(Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) - _window);

    /// <summary>Whether twice the rate was used: the client ignores refusals.</summary>
    public bool IsFlooded => Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) > 2 * _window;

    public bool IsFull => Used(Volatile.Read(ref _usedUntil), clock.GetTimestamp()) == 0;

    /// <summary>Takes a part. A refusal costs nothing; more than all of it costs all of it.</summary>
    /// <returns>Zero when it is granted, otherwise the milliseconds to wait.</returns>
    public int Take(long count = 1)
    {
        var now = clock.GetTimestamp();
        var cost = Math.Min(count, max) * _cost;
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

    /// <summary>Gives back what was taken for something that was not done.</summary>
    public void GiveBack(long count) => Interlocked.Add(ref _usedUntil, -Math.Min(count, max) * _cost);

    /// <summary>Waits until what was charged is within the rate again.</summary>
    public async Task WhenWithinAsync(CancellationToken cancellationToken)
    {
        while (Wait is > 0 and var wait)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(wait), clock, cancellationToken);
        }
    }

    private static long Used(long usedUntil, long now) => Math.Max(usedUntil - now, 0);

    private int Milliseconds(long ticks) => ticks <= 0 ? 0 : (int)Math.Ceiling(ticks * 1000.0 / clock.TimestampFrequency);
}
