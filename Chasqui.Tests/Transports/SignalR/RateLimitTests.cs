using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Chasqui.Tests.Transports.SignalR;

public sealed class RateLimitTests : IAsyncLifetime
{
    private const int Limit = 20;

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync(
        "--Limits:Enabled", "true", "--Limits:MessagesPer10s", $"{Limit}", "--Limits:FramesPer10s", "1000000");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task WelcomeSaysHowManyMessagesAUserMaySend()
    {
        using var alice = await _server.PersonAsync();
        await using var socket = await alice.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });

        var limits = (await socket.ReceiveAsync("Welcome"))["limits"]!;

        Assert.Equal(Limit, limits["messages_per_10s"]!.GetValue<int>());
    }

    [Fact]
    public async Task PastTheLimitARawConnectionIsRefusedUntilItHasWaited()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var socket = await alice.ConnectAsync();
        var accepted = 0;
        var answer = await SendAsync(socket, room);
        for (; answer["type"]!.GetValue<string>() == "Ack"; answer = await SendAsync(socket, room))
        {
            accepted++;
        }

        Assert.InRange(accepted, Limit, 10 * Limit);
        Assert.Equal(ErrorCodes.RateLimited, answer["code"]!.GetValue<string>());
        Assert.InRange(answer["retry_after_ms"]!.GetValue<int>(), 1, 10_000 / Limit);

        // Others have their own allowance, and this one comes back.
        using var bob = await _server.PersonAsync();
        await using var other = await bob.ConnectAsync();
        Assert.Equal("Ack", (await SendAsync(other, await bob.OpenGroupAsync()))["type"]!.GetValue<string>());
        while (answer["type"]!.GetValue<string>() != "Ack")
        {
            answer = await SendAsync(socket, room);
        }

        // What was refused was not stored.
        Assert.Equal(accepted + 1, answer["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task PastTheLimitAHubMethodIsRefused()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        Assert.True(PrefixedId.TryParse<ConversationId>(room, out var id));
        await using var hub = await HubClient.ConnectAsync(_server, alice.Token);
        var send = new SendMessage { ConversationId = id, Content = "x" };

        // All at once: nothing comes back in between.
        var sent = Enumerable.Range(0, 10 * Limit).Select(_ => hub.Connection.InvokeAsync<Ack>(nameof(IChatHub.SendMessage), send));
        var refused = await Assert.ThrowsAsync<HubException>(() => Task.WhenAll(sent));
        var error = Error.FromHubText(refused.Message)!;

        Assert.Equal(ErrorCodes.RateLimited, error.Code);
        Assert.True(error.RetryAfterMs > 0);
    }

    private static async Task<JsonObject> SendAsync(RawClient socket, string room)
    {
        await socket.SendAsync(new { type = "message", conversation_id = room, content = "x", request_id = "r" });
        return await socket.ReceiveAsync();
    }
}
