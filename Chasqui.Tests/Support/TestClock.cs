using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Chasqui.Tests.Support;

/// <summary>A clock that goes on only when it is told to, and tells when somebody begins to wait for it.</summary>
public sealed class TestClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Returns when somebody waits for so long; what was set before it is passed over.</summary>
    public async Task TimerAsync(TimeSpan dueTime)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (await _timers.Reader.ReadAsync(deadline.Token) != dueTime)
        {
        }
    }
}
