using Chasqui.Server.Configuration;

namespace Chasqui.Tests.Configuration;

public sealed class SteadyClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SteppedClock _system = new();
    private readonly SteadyClock _clock;

    public SteadyClockTests() => _clock = new SteadyClock(_system);

    [Theory]
    [InlineData(25)]
    [InlineData(-25)]
    public void StepOfTheSystemIsFollowedWhenItHasLasted(int hours)
    {
        _system.Step = TimeSpan.FromHours(hours);
        Assert.Equal(Start, _clock.GetUtcNow());
        _system.Elapsed = TimeSpan.FromSeconds(59);
        Assert.Equal(Start.AddSeconds(59), _clock.GetUtcNow());

        _system.Elapsed = TimeSpan.FromSeconds(61);

        Assert.Equal(Start.AddSeconds(61).AddHours(hours), _clock.GetUtcNow());
    }

    [Fact]
    public void StepThatIsTakenBackIsNeverFollowed()
    {
        for (var i = 0; i < 10; i++)
        {
            _system.Elapsed += TimeSpan.FromSeconds(30);
            _system.Step = i % 2 == 0 ? TimeSpan.FromDays(400) : TimeSpan.Zero;
            Assert.Equal(Start + _system.Elapsed, _clock.GetUtcNow());
        }
    }

    [Fact]
    public void SmallCorrectionsAreFollowedAtOnce()
    {
        _system.Step = TimeSpan.FromMilliseconds(-300);
        Assert.Equal(Start.AddMilliseconds(-300), _clock.GetUtcNow());
    }

    /// <summary>A machine whose clock is set to another time.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        public TimeSpan Elapsed { get; set; }

        public TimeSpan Step { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Start + Elapsed + Step;

        public override long GetTimestamp() => Elapsed.Ticks;
    }
}
