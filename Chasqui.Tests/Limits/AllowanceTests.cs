using Chasqui.Server.Limits;

namespace Chasqui.Tests.Limits;

public sealed class AllowanceTests
{
    private const int Limit = 10;

    private readonly Clock _clock = new();
    private readonly Allowance _allowance;

    public AllowanceTests() => _allowance = new Allowance(Limit, FixedLimits.TenSeconds, _clock);

    [Fact]
    public void AllowanceCanBeUsedAtOnceAndRefusalsCostNothing()
    {
        Assert.All(Enumerable.Repeat(0, Limit), expected => Assert.Equal(expected, _allowance.Take()));
        Assert.All(Enumerable.Repeat(1_000, 100), expected => Assert.Equal(expected, _allowance.Take()));

        _clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _allowance.Take());
        Assert.Equal(1_000, _allowance.Take());
    }

    [Fact]
    public void RequestAboveAllowanceIsGrantedWhenNothingIsUsed()
    {
        Assert.Equal(0, _allowance.Take(100 * Limit));
        Assert.Equal(3_000, _allowance.Take(3));
        Assert.False(_allowance.IsFull);

        _clock.Pass(TimeSpan.FromSeconds(10));
        Assert.True(_allowance.IsFull);
    }

    [Fact]
    public void ConcurrentRequestsShareTheAllowance()
    {
        var allowance = new Allowance(1_000_000, FixedLimits.TenSeconds, _clock);
        var granted = 0;

        Parallel.For(0, 2_000_000, _ =>
        {
            if (allowance.Take() == 0)
            {
                Interlocked.Increment(ref granted);
            }
        });

        Assert.Equal(1_000_000, granted);
    }

    [Fact]
    public void RefusedFramesCountAgainstTheRate()
    {
        _allowance.Charge(Limit);
        Assert.Equal(0, _allowance.Wait);

        _allowance.Charge(3);
        Assert.Equal(3_000, _allowance.Wait);

        _clock.Pass(TimeSpan.FromMilliseconds(2_999));
        Assert.Equal(1, _allowance.Wait);
        _clock.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _allowance.Wait);
    }

    [Fact]
    public void SecondAllowanceOfRefusedFramesIsFlood()
    {
        _allowance.Charge(Limit);
        _allowance.Charge(Limit);
        Assert.False(_allowance.IsFlooded);

        _allowance.Charge(1);
        Assert.True(_allowance.IsFlooded);
    }

    [Fact]
    public void UnusedAllowancesAreRemoved()
    {
        _clock.Pass(TimeSpan.FromHours(1));
        _allowance.Charge(Limit + 1);
        Assert.Equal(1_000, _allowance.Wait);
    }

    private sealed class Clock : TimeProvider
    {
        private long _now = 1_000_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
