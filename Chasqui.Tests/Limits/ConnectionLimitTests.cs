using System.Net;
using System.Net.WebSockets;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Http.Connections;

namespace Chasqui.Tests.Limits;

public sealed class ConnectionLimitTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:MaxConnectionsPerUser", "2", "--Limits:MaxConnections", "3");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ConnectionsOfBothTransportsAreLimitedPerUser()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        await using var raw = await ana.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(_server, ana.Token, HttpTransportType.ServerSentEvents);

        await AssertRefusedAsync(ana);

        await using var other = await ben.ConnectAsync();
        await other.PingAsync();
        await raw.PingAsync();
    }

    [Fact]
    public async Task ConnectionsOfAllUsersAreLimited()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        await using var first = await ana.ConnectAsync();
        await using var second = await HubClient.ConnectAsync(_server, ana.Token);
        await using var third = await ben.ConnectAsync();

        await AssertRefusedAsync(ben);
    }

    [Fact]
    public async Task ALongPollingConnectionCountsBetweenItsPollsAndOnce()
    {
        using var ana = await _server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        var first = await LongPolling.OpenAsync(ana);
        var second = await LongPolling.OpenAsync(ana);

        await AssertRefusedAsync(ana);
        var third = await LongPolling.NegotiateAsync(ana);
        using var refused = await ana.Http.GetAsync(third.Path);
        await refused.ReadProblemAsync((int)HttpStatusCode.ServiceUnavailable, ErrorCodes.TooManyConnections);

        // Those that are there go on: what they ask for is no connection more.
        foreach (var connection in new[] { first, second })
        {
            await connection.SendAsync(
                $$"""{"type":1,"invocationId":"1","target":"Join","arguments":[{"conversation_id":"{{room}}"}]}""");
            Assert.Contains("\"seq\":0", await connection.PollAsync());
        }

        await first.EndAsync();
        await using var socket = await ana.ConnectWhenThereIsRoomAsync();
        await socket.PingAsync();
    }

    [Fact]
    public async Task RawSocketsWithSameQueryIdAreSeparateConnections()
    {
        using var ana = await _server.PersonAsync();
        var address = new Uri($"{_server.WebSocketUrl}/api/ws/chat?token={ana.Token}&id=one");
        await using var first = await RawClient.ConnectAsync(address);
        await using var second = await RawClient.ConnectAsync(address);

        await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(address));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EndedConnectionFreesItsPlace(bool isAborted)
    {
        using var ana = await _server.PersonAsync();
        await using var first = await ana.ConnectAsync();
        for (var i = 0; i < 4; i++)
        {
            await using var second = await ana.ConnectWhenThereIsRoomAsync();
            await second.PingAsync();
            if (!isAborted)
            {
                using var deadline = new CancellationTokenSource(RawClient.Deadline);
                await second.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token);
            }
        }
    }

    private static async Task AssertRefusedAsync(Person person)
    {
        foreach (var transport in new[] { "/api/ws/chat?token=", "/hubs/chat?access_token=" })
        {
            using var refused = await Handshake.SendAsync(person.Server, transport + person.Token);
            var problem = await refused.ReadProblemAsync((int)HttpStatusCode.ServiceUnavailable, ErrorCodes.TooManyConnections);
            Assert.True(problem["retry_after_ms"]!.GetValue<int>() > 0);
            Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
    }
}
