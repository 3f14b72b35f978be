using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

public sealed class WrongClockTests : IAsyncLifetime
{
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(25);

    private readonly TestClock _clock = new();
    private readonly TestServer _server;

    public WrongClockTests() => _server = new TestServer { Clock = _clock };

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task TokensOutliveALoginWhileTheClockIsADayAhead()
    {
        using var ana = await _server.PersonAsync();
        var start = _clock.GetUtcNow();

        _clock.AdjustTime(start + Ahead);
        // A login deletes what has expired.
        using var ben = await _server.PersonAsync();
        Assert.Equal(401, (int)(await ana.Http.GetAsync("/api/me")).StatusCode);
        _clock.AdjustTime(start);

        Assert.Equal(ana.Name, (await ana.GetAsync("/api/me")).Text("username"));
    }
}
