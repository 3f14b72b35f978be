using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Tests.Transports.SignalR;

/// <summary>The clock stands still: nothing comes back.</summary>
public sealed class UserAllowanceTests : IAsyncLifetime
{
    private const int Limit = 20;

    private readonly TestServer _server = new() { Clock = new TestClock() };

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:Enabled", "true", "--Limits:MessagesPer10s", $"{Limit}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task MessageRateCountsAllTransportsOfUser()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var first = await alice.ConnectAsync();
        await using var second = await alice.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(_server, alice.Token);

        for (var i = 0; i < Limit / 4; i++)
        {
            Assert.Equal("Ack", (await SendAsync(first, room, "x")).Text("type"));
            Assert.Equal("Ack", (await SendAsync(second, room, "x")).Text("type"));
            await hub.SendAsync(room, "x");
            await alice.SendAsync(room, "x");
        }

        Assert.Equal(ErrorCodes.RateLimited, (await SendAsync(first, room, "x")).Text("code"));
        Assert.Equal(ErrorCodes.RateLimited, (await SendAsync(second, room, "x")).Text("code"));
        var refused = await Assert.ThrowsAsync<HubException>(() => hub.SendAsync(room, "x"));
        Assert.Equal(ErrorCodes.RateLimited, Error.FromHubText(refused.Message)!.Code);
        var answer = await alice.PostAsync($"/api/conversations/{room}/messages", new { content = "x" });
        Assert.True((await answer.ReadProblemAsync(429, ErrorCodes.RateLimited))["retry_after_ms"]!.GetValue<int>() > 0);
        Assert.True(answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task ReconnectingUserKeepsUsedAllowance()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        for (var i = 0; i < Limit; i++)
        {
            await using var socket = await alice.ConnectAsync();
            Assert.Equal("Ack", (await SendAsync(socket, room, "x")).Text("type"));
        }

        await using var last = await alice.ConnectAsync();
        Assert.Equal(ErrorCodes.RateLimited, (await SendAsync(last, room, "x")).Text("code"));
    }

    [Theory]
    [InlineData("x", 4 * 1024, Limit)]
    [InlineData("x", (4 * 1024) + 1, Limit / 2)]
    [InlineData("\u00e9", 2 * 1024, Limit)]
    [InlineData("\u00e9", (2 * 1024) + 1, Limit / 2)]
    [InlineData("\U0001F600", 10_000, Limit / 10)]
    public async Task ALongMessageCountsOnceForEachStarted4KiB(string character, int length, int expected)
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var socket = await alice.ConnectAsync();
        var content = string.Concat(Enumerable.Repeat(character, length));

        for (var i = 0; i < expected; i++)
        {
            Assert.Equal("Ack", (await SendAsync(socket, room, content)).Text("type"));
        }

        Assert.Equal(ErrorCodes.RateLimited, (await SendAsync(socket, room, content)).Text("code"));
    }

    private static async Task<JsonObject> SendAsync(RawClient socket, string room, string content)
    {
        // As it is: with escapes it could be longer than a frame may be.
        await socket.SendTextAsync($$"""{"type":"message","conversation_id":"{{room}}","content":"{{content}}","request_id":"r"}""");
        return await socket.ReceiveAsync();
    }
}
