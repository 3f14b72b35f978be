using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Chasqui.Tests.Support;

/// <summary>A clock that only <c>Advance</c> moves, and that tells when a timer is set.</summary>
public sealed class TestClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    private TimeSpan _steps;

    /// <summary>As the system's clock is set: the timestamps go on evenly.</summary>
    public new void AdjustTime(DateTimeOffset value)
    {
        _steps += value - GetUtcNow();
        base.AdjustTime(value);
    }

    /// <summary>Much time passes, and no timer fires: each would have to, as often as it fits in.</summary>
    public void Sleep(TimeSpan time) => base.AdjustTime(GetUtcNow() + time);

    public override long GetTimestamp() => base.GetTimestamp() - _steps.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Returns when a timer of this length was set. Timers before it are skipped.</summary>
    public async Task TimerAsync(TimeSpan dueTime)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (await _timers.Reader.ReadAsync(deadline.Token) != dueTime)
        {
        }
    }
}
