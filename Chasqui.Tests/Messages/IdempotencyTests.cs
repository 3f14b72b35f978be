using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Tests.Messages;

public abstract class IdempotencyTests(TestServer server)
{
    [Fact]
    public async Task SendingAgainStoresAndBroadcastsNothingAndIsAnsweredWithTheFirstMessage()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var listener = await alice.ConnectAsync();
        await listener.JoinAsync(room);
        await using var socket = await alice.ConnectAsync();

        var first = await SendAsync(socket, room, "hi", "one");
        var second = await SendAsync(socket, room, "hi", "one");
        Assert.False(first["duplicate"]!.GetValue<bool>());
        Assert.True(second["duplicate"]!.GetValue<bool>());
        foreach (var field in new[] { "message_id", "seq", "created_at", "conversation_id" })
        {
            Assert.Equal(first[field]!.ToJsonString(), second[field]!.ToJsonString());
        }

        await using var hub = await HubClient.ConnectAsync(server, alice.Token);
        var third = await hub.SendAsync(room, "hi", "one");
        Assert.True(third.Duplicate);
        Assert.Equal(first["message_id"]!.GetValue<string>(), third.MessageId.ToString());
        var fourth = await PostAsync(alice, room, "hi", "one");
        Assert.True(fourth["duplicate"]!.GetValue<bool>());
        Assert.Equal(first["message_id"]!.GetValue<string>(), fourth["id"]!.GetValue<string>());

        await alice.SendAsync(room, "marker");
        Assert.Equal("hi", Content(await listener.ReceiveAsync("NewMessage")));
        Assert.Equal("marker", Content(await listener.ReceiveAsync("NewMessage")));
    }

    [Fact]
    public async Task TheSameIdWithOtherContentIsRefused()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var socket = await alice.ConnectAsync();
        await SendAsync(socket, room, "hi", "one");

        await socket.SendAsync(new { type = "message", conversation_id = room, content = "ho", client_message_id = "one", request_id = "r" });
        var error = await socket.ReceiveAsync("Error");
        Assert.Equal(ErrorCodes.IdempotencyConflict, error["code"]!.GetValue<string>());
        Assert.Equal("r", error["request_id"]!.GetValue<string>());
        var refused = await alice.PostAsync($"/api/conversations/{room}/messages", new { content = "ho", client_message_id = "one" });
        await refused.ReadProblemAsync(409, ErrorCodes.IdempotencyConflict);
        await using var hub = await HubClient.ConnectAsync(server, alice.Token);
        var thrown = await Assert.ThrowsAsync<HubException>(() => hub.SendAsync(room, "ho", "one"));
        Assert.Equal(ErrorCodes.IdempotencyConflict, Error.FromHubText(thrown.Message)!.Code);
    }

    [Fact]
    public async Task ClientMessageIdIsScopedToSenderAndConversation()
    {
        using var alice = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        var room = await alice.OpenGroupAsync(bob);
        var other = await alice.OpenGroupAsync();

        Assert.False((await PostAsync(alice, room, "a", "one"))["duplicate"]!.GetValue<bool>());
        Assert.False((await PostAsync(bob, room, "b", "one"))["duplicate"]!.GetValue<bool>());
        Assert.False((await PostAsync(alice, other, "c", "one"))["duplicate"]!.GetValue<bool>());
    }

    [Fact]
    public async Task ConcurrentSendsOfOneIdStoreOneMessage()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PostAsync(alice, room, "hi", "one")));

        Assert.Single(answers, answer => !answer["duplicate"]!.GetValue<bool>());
        Assert.Single(answers.Select(answer => answer["id"]!.GetValue<string>()).Distinct());
        Assert.Single((await alice.GetAsync($"/api/conversations/{room}/messages")).AsArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task AnIdHasOneToSixtyFourCharacters(string id)
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        var refused = await alice.PostAsync($"/api/conversations/{room}/messages", new { content = "ho", client_message_id = id });
        await refused.ReadProblemAsync(400, ErrorCodes.InvalidField);
    }

    private static async Task<JsonObject> SendAsync(RawClient socket, string room, string content, string id)
    {
        await socket.SendAsync(new { type = "message", conversation_id = room, content, client_message_id = id, request_id = "r" });
        return await socket.ReceiveAsync("Ack");
    }

    private static async Task<JsonNode> PostAsync(Person sender, string room, string content, string id) =>
        await (await sender.PostAsync($"/api/conversations/{room}/messages", new { content, client_message_id = id })).ReadAsync(200);

    private static string Content(JsonObject newMessage) => newMessage["message"]!["content"]!.GetValue<string>();
}

public sealed class SqliteIdempotencyTests(TestServer server) : IdempotencyTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresIdempotencyTests(PostgresServer server) : IdempotencyTests(server), IClassFixture<PostgresServer>;
