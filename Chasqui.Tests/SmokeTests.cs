using Chasqui.Tests.Support;

namespace Chasqui.Tests;

public sealed class SmokeTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task AMessageReachesAJoinedRawClient()
    {
        using var alice = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        var room = await alice.OpenGroupAsync(bob);
        await using var socket = await bob.ConnectAsync();
        await socket.JoinAsync(room);
        await using var other = await alice.ConnectAsync();
        await other.SendAsync(new { type = "join", conversation_id = room });
        await other.SendAsync(new { type = "message", conversation_id = room, content = "hi" });
        Assert.Equal("hi", (await socket.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
        Assert.Equal("hi", (await other.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
        await other.SendAsync(new { type = "join", conversation_id = room, after = 0, request_id = "x" });
        Assert.Equal("hi", (await other.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
        Assert.Equal("{\"type\":\"Ack\"", (await other.ReceiveTextAsync())[..13]);
        await other.SendTextAsync("{bad");
        Assert.Equal("", (await other.ReceiveTextAsync()));
    }
}
