using Microsoft.Extensions.Time.Testing;

namespace Chasqui.Tests.Support;

/// <summary>A clock that goes on only when it is told to, and tells when somebody begins to wait for it.</summary>
public sealed class TestClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    private readonly SemaphoreSlim _timers = new(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Release();
        return timer;
    }

    /// <summary>Returns when one more timer than before has been set.</summary>
    public async Task TimerAsync() => Assert.True(await _timers.WaitAsync(RawClient.Deadline), "Nobody waits");
}
