using System.Net.WebSockets;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Accounts;

public sealed class WrongClockTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly TestServer _server;

    public WrongClockTests() => _server = new TestServer { Clock = _clock };

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(25)]
    [InlineData(24 * 40)]
    public async Task TokensOutliveLoginsWhileTheClockIsAhead(int hours)
    {
        using var ana = await _server.PersonAsync();
        var start = _clock.GetUtcNow();

        _clock.AdjustTime(start + TimeSpan.FromHours(hours));
        // A login deletes what has expired.
        using var ben = await _server.PersonAsync();
        _clock.Sleep(TimeSpan.FromHours(1));
        using var cleo = await _server.PersonAsync();
        Assert.Equal(401, (int)(await ana.Http.GetAsync("/api/me")).StatusCode);
        _clock.AdjustTime(start + TimeSpan.FromHours(1));

        Assert.Equal(ana.Name, (await ana.GetAsync("/api/me")).Text("username"));
    }

    [Fact]
    public async Task SessionsThatExpiredLongAgoAreDeleted()
    {
        using var ana = await _server.PersonAsync();
        _clock.Sleep(TimeSpan.FromDays(40));

        using var ben = await _server.PersonAsync();

        await using var database = Database.Open(_server.DataFolder);
        Assert.Equal(1, await database.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM sessions"));
        Assert.Equal(1, await database.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM tokens"));
    }

    [Fact]
    public async Task TicketOfBeforeTheClockWasSetBackIsRefused()
    {
        using var ana = await _server.PersonAsync();
        var ticket = (await (await ana.PostAsync("/api/ws/ticket", new { })).ReadAsync(200)).Text("ticket");

        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromHours(1));

        await Assert.ThrowsAsync<WebSocketException>(() =>
            RawClient.ConnectAsync(new Uri($"{_server.WebSocketUrl}/api/ws/chat?ticket={ticket}")));
    }
}
