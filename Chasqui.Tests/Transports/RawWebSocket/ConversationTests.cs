using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class ConversationTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task TheDocumentedFramesWorkAsDocumented()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await using var reader = await ben.ConnectAsync();
        await reader.SendTextAsync($$"""{"type":"join","conversation_id":"{{group}}"}""");
        await reader.PingAsync();
        await using var writer = await ana.ConnectAsync();
        await writer.SendTextAsync($$"""{"type":"message","conversation_id":"{{group}}","content":"Hello world!"}""");

        var received = await reader.ReceiveAsync();

        Assert.Equal(["type", "message"], received.Select(field => field.Key));
        Assert.Equal("NewMessage", received["type"]!.GetValue<string>());
        var message = received["message"]!.AsObject();
        Assert.Equal(
            ["id", "conversation_id", "sender_id", "content", "message_type", "created_at", "seq"],
            message.Select(field => field.Key));
        Assert.Matches("^msg:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", Text(message, "id"));
        Assert.Equal(group, Text(message, "conversation_id"));
        Assert.Equal(ana.Id, Text(message, "sender_id"));
        Assert.Equal("Hello world!", Text(message, "content"));
        Assert.Equal("text", Text(message, "message_type"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Text(message, "created_at"));
        Assert.Equal(1, message["seq"]!.GetValue<long>());
        var history = await ben.GetAsync($"/api/conversations/{group}/messages");
        Assert.Equal(message.ToJsonString(), Assert.Single(history.AsArray())!.ToJsonString());
    }

    [Fact]
    public async Task JoinedMemberGetsOwnMessagesAndNoExtraAnswer()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();

        await client.SendAsync(new { type = "join", conversation_id = group });
        await client.SendAsync(new { type = "message", conversation_id = group, content = "mine" });

        Assert.Equal("mine", Text((await client.ReceiveAsync("NewMessage"))["message"]!, "content"));
        await client.PingAsync();
    }

    [Fact]
    public async Task WithoutHelloAClientSeesOnlyMessagesAndErrors()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var eve = await server.PersonAsync();
        await using var client = await ben.ConnectAsync();

        // Everything that an opted-in connection hears of.
        var group = await ana.OpenGroupAsync(ben);
        await (await ana.PostAsync($"/api/conversations/{group}/participants", new { identifier = eve.Name })).ReadAsync(200);
        await client.SendAsync(new { type = "join", conversation_id = group });
        await client.SendAsync(new { type = "leave", conversation_id = group });
        await client.SendAsync(new { type = "join", conversation_id = group });
        await client.SendAsync(new { type = "message", conversation_id = group, content = "hi" });
        await client.ReceiveAsync("NewMessage");
        await (await ana.Http.DeleteAsync($"/api/conversations/{group}/participants/{eve.Id}")).ReadAsync(200);
        await client.SendAsync(new { type = "message", conversation_id = group, content = "" });

        Assert.Equal(["type", "message", "code"], (await client.ReceiveAsync("Error")).Select(field => field.Key));
        await client.PingAsync();
    }

    [Fact]
    public async Task MemberWithoutJoinCanSendAndReceivesNothing()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await using var reader = await ben.ConnectAsync();
        await reader.JoinAsync(group);
        await using var writer = await ana.ConnectAsync();

        await writer.SendAsync(new { type = "message", conversation_id = group, content = "hi" });

        await reader.ReceiveAsync("NewMessage");
        await writer.PingAsync();
    }

    [Fact]
    public async Task JoiningTwiceDoesNotDoubleMessages()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        await client.JoinAsync(group);
        await client.JoinAsync("conversation:" + group["conv:".Length..]);

        await client.SendAsync(new { type = "message", conversation_id = group, content = "once" });

        await client.ReceiveAsync("NewMessage");
        await client.PingAsync();
    }

    [Fact]
    public async Task AMessageOfAConversationThatWasNotJoinedDoesNotCome()
    {
        using var ana = await server.PersonAsync();
        var (joined, other) = (await ana.OpenGroupAsync(), await ana.OpenGroupAsync());
        await using var client = await ana.ConnectAsync();
        await client.JoinAsync(joined);

        await ana.SendAsync(other, "unheard");
        await ana.SendAsync(joined, "heard");

        Assert.Equal("heard", Text((await client.ReceiveAsync("NewMessage"))["message"]!, "content"));
    }

    [Fact]
    public async Task MessagesReachEveryMemberInOrderOnePerFrame()
    {
        const int Count = 500;
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await using var writer = await ana.ConnectAsync();
        await using var reader = await ben.ConnectAsync();
        await reader.JoinAsync(group);

        await writer.SendAsync(new { type = "join", conversation_id = group });
        var sending = SendAllAsync();

        foreach (var client in new[] { reader, writer })
        {
            for (var i = 0; i < Count; i++)
            {
                // ReceiveAsync takes a WebSocket message that is not exactly one object for a failure.
                var message = (await client.ReceiveAsync("NewMessage"))["message"]!;
                Assert.Equal(($"{i}", i + 1L), (Text(message, "content"), message["seq"]!.GetValue<long>()));
            }
        }

        await sending;
        await reader.PingAsync();
        await writer.PingAsync();

        async Task SendAllAsync()
        {
            for (var i = 0; i < Count; i++)
            {
                await writer.SendAsync(new { type = "message", conversation_id = group, content = $"{i}" });
            }
        }
    }

    [Theory]
    [InlineData("\"\\/\b\f\n\r\t\u0001\u001e\u007f\u2028")]
    [InlineData("<script>alert('&amp;')</script>")]
    [InlineData("  leading and trailing\n")]
    [InlineData("é e\u0301 😀 👩‍👩‍👧 مرحبا \u202e")]
    [InlineData("a\0b")]
    public async Task ContentArrivesAndIsKeptByteForByte(string content)
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        await client.JoinAsync(group);

        await client.SendAsync(new { type = "message", conversation_id = group, content });

        Assert.Equal(content, Text((await client.ReceiveAsync("NewMessage"))["message"]!, "content"));
        Assert.Equal(content, Text((await ana.GetAsync($"/api/conversations/{group}/messages"))[0]!, "content"));
    }

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();

    [Fact]
    public async Task SenderThatLeavesGetsWhatItSentBefore()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectAsync();
        await socket.JoinAsync(group);

        for (var i = 0; i < 50; i++)
        {
            await socket.SendAsync(new { type = "message", conversation_id = group, content = $"{i}" });
            await socket.SendAsync(new { type = "leave", conversation_id = group, request_id = $"left {i}" });
            await socket.SendAsync(new { type = "join", conversation_id = group, request_id = $"joined {i}" });

            Assert.Equal($"{i}", (await socket.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
            // Answers to different requests come in any order.
            string[] answered = [(await socket.ReceiveAsync("Ack")).Text("request_id"), (await socket.ReceiveAsync("Ack")).Text("request_id")];
            Assert.Equal([$"joined {i}", $"left {i}"], answered.Order());
        }
    }
}
