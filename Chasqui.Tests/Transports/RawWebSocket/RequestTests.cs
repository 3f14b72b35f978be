using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class RequestTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task HelloIsAnsweredByWelcome()
    {
        using var ana = await server.PersonAsync();
        await using var client = await ana.ConnectAsync();

        await client.SendTextAsync("""{"type":"hello"}""");
        var welcome = await client.ReceiveAsync("Welcome");

        Assert.NotEmpty(welcome["connection_id"]!.GetValue<string>());
        Assert.Equal(ana.Id, welcome["user_id"]!.GetValue<string>());
        Assert.Matches(@"^\d+\.\d+\.\d+$", welcome["server_version"]!.GetValue<string>());
        Assert.Equal(131_072, welcome["limits"]!["max_frame_bytes"]!.GetValue<int>());
        Assert.Equal(10000, welcome["limits"]!["max_content_characters"]!.GetValue<int>());
        Assert.Equal(15000, welcome["heartbeat_ms"]!.GetValue<int>());
        await client.PingAsync();
    }

    [Fact]
    public async Task HelloSubscribesToConversationEventsAndJoinsNone()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var eve = await server.PersonAsync();
        await using var client = await ben.ConnectAsync();
        await client.SendAsync(new { type = "hello" });
        await client.ReceiveAsync("Welcome");

        var group = await ana.OpenGroupAsync(ben);
        Assert.Equal(group, (await client.ReceiveAsync("ConversationCreated"))["conversation"]!["id"]!.GetValue<string>());

        await (await ana.PostAsync($"/api/conversations/{group}/participants", new { identifier = eve.Name })).ReadAsync(200);
        var updated = (await client.ReceiveAsync("ConversationUpdated"))["conversation"]!;
        Assert.Equal([ana.Id, ben.Id, eve.Id], updated["participants"]!.AsArray().Select(id => id!.GetValue<string>()));

        await ana.SendAsync(group, "unheard");
        await client.PingAsync();
    }

    [Fact]
    public async Task EveryFrameWithARequestIdIsAcknowledgedOnceWithIt()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();

        await client.SendAsync(new { type = "hello", request_id = "h" });
        await client.ReceiveAsync("Welcome");
        await ExpectAsync("""{"type":"Ack","request_id":"h"}""");

        await client.SendAsync(new { type = "ping", request_id = "p" });
        await client.ReceiveAsync("Pong");
        await ExpectAsync("""{"type":"Ack","request_id":"p"}""");

        await client.SendAsync(new { type = "join", conversation_id = group, request_id = "-" });
        await ExpectAsync($$"""{"type":"Ack","request_id":"-","conversation_id":"{{group}}","seq":0}""");

        await client.SendAsync(new { type = "leave", conversation_id = group, request_id = "l" });
        await ExpectAsync($$"""{"type":"Ack","request_id":"l","conversation_id":"{{group}}"}""");

        await client.SendAsync(new { type = "message", conversation_id = group, content = "hi", request_id = "m" });
        var ack = await client.ReceiveTextAsync();
        var stored = (await ana.GetAsync($"/api/conversations/{group}/messages"))[0]!;
        Assert.Equal(
            $$"""{"type":"Ack","request_id":"m","conversation_id":"{{group}}","message_id":"{{stored["id"]}}","seq":1,"created_at":"{{stored["created_at"]}}","duplicate":false}""",
            ack);
        await client.PingAsync();

        async Task ExpectAsync(string frame) => Assert.Equal(frame, await client.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("join", ErrorCodes.ConversationNotFound)]
    [InlineData("message", ErrorCodes.ConversationNotFound)]
    [InlineData("shout", ErrorCodes.UnknownType)]
    public async Task ARefusedFrameWithARequestIdGetsAnErrorWithItAndNoAck(string type, string code)
    {
        using var ana = await server.PersonAsync();
        await using var client = await ana.ConnectAsync();

        await client.SendAsync(new { type, conversation_id = "conv:" + Guid.CreateVersion7(), content = "hi", request_id = "r7" });

        var error = await client.ReceiveAsync("Error");
        Assert.Equal(["type", "message", "code", "request_id"], error.Select(field => field.Key));
        Assert.Equal((code, "r7"), (error["code"]!.GetValue<string>(), error["request_id"]!.GetValue<string>()));
        await client.PingAsync();
    }

    [Fact]
    public async Task AfterLeavingNoMessageComesUntilTheNextJoin()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        await client.SendAsync(new { type = "join", conversation_id = group });
        await client.SendAsync(new { type = "message", conversation_id = group, content = "one" });
        await client.SendAsync(new { type = "leave", conversation_id = group });
        await client.SendAsync(new { type = "message", conversation_id = group, content = "two" });
        await client.SendAsync(new { type = "join", conversation_id = group });
        await client.SendAsync(new { type = "message", conversation_id = group, content = "three" });

        Assert.Equal("one", (await client.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
        Assert.Equal("three", (await client.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
    }

    [Fact]
    public async Task LeaveWithoutJoinIsNoError()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        await client.SendAsync(new { type = "leave", conversation_id = group });
        await client.PingAsync();
    }

    [Fact]
    public async Task AMessageSentAgainUnderItsClientMessageIdIsStoredAndHeardOnce()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        await client.JoinAsync(group);
        var frame = new { type = "message", conversation_id = group, content = "hi", client_message_id = "9f" };

        await client.SendAsync(frame);
        var said = (await client.ReceiveAsync("NewMessage"))["message"]!;
        await client.SendAsync(new { frame.type, frame.conversation_id, frame.content, frame.client_message_id, request_id = "again" });

        var ack = await client.ReceiveAsync("Ack");
        Assert.Equal(
            (said["id"]!.ToString(), "1", "true", "again"),
            (ack["message_id"]!.ToString(), ack["seq"]!.ToString(), ack["duplicate"]!.ToString(), ack["request_id"]!.ToString()));
        await client.SendAsync(new { frame.type, frame.conversation_id, content = "other", frame.client_message_id });
        Assert.Equal(ErrorCodes.IdempotencyConflict, (await client.ReceiveAsync("Error"))["code"]!.GetValue<string>());
    }
}
