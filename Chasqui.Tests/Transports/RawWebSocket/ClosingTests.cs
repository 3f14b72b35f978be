using System.Net.WebSockets;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class ClosingTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(100_000)]
    public async Task ABinaryFrameClosesWith1003(int length)
    {
        await using var client = await ConnectAsync();
        await client.SendBytesAsync(new byte[length], WebSocketMessageType.Binary);
        Assert.Equal(1003, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task AFragmentedBinaryFrameClosesWith1003()
    {
        await using var client = await ConnectAsync();
        await client.SendFragmentAsync([1], endOfMessage: false, WebSocketMessageType.Binary);
        await client.SendFragmentAsync([2], endOfMessage: true, WebSocketMessageType.Binary);
        Assert.Equal(1003, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task AFrameOver128KiBClosesWith1009()
    {
        await using var client = await ConnectAsync();
        await client.SendTextAsync("""{"type":"ping"}""".PadRight(ChatLimits.MaxFrameBytes + 1));
        Assert.Equal(1009, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task FragmentsOver128KiBTogetherCloseWith1009()
    {
        await using var client = await ConnectAsync();
        var piece = Encoding.UTF8.GetBytes(new string(' ', ChatLimits.MaxFrameBytes / 4));
        for (var i = 0; i < 4; i++)
        {
            await client.SendFragmentAsync(piece, endOfMessage: false);
        }

        await client.SendFragmentAsync("x"u8.ToArray(), endOfMessage: false);
        Assert.Equal(1009, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task AFrameOf128KiBIsServed()
    {
        await using var client = await ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.SendTextAsync("""{"type":"ping"}""".PadRight(ChatLimits.MaxFrameBytes));
            await client.ReceiveAsync("Pong");
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { (byte)'{', 0xC3, (byte)'}' })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xC3 })]
    public async Task InvalidUTF8ClosesWith1007(byte[] frame)
    {
        await using var client = await ConnectAsync();
        await client.SendBytesAsync(frame);
        Assert.Equal(1007, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task FramesBeforeViolationAreAnsweredBeforeClose()
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(new { type = "ping" });
        await client.ReceiveAsync("Pong");
        await client.SendBytesAsync([1], WebSocketMessageType.Binary);
        await client.SendAsync(new { type = "ping" });
        Assert.Equal(1003, await client.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(WebSocketCloseStatus.NormalClosure)]
    [InlineData(WebSocketCloseStatus.EndpointUnavailable)]
    [InlineData((WebSocketCloseStatus)4000)]
    public async Task ACloseOfTheClientIsAnswered(WebSocketCloseStatus status)
    {
        await using var client = await ConnectAsync();
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        await client.Socket.CloseAsync(status, "done", deadline.Token);
        Assert.Equal(WebSocketState.Closed, client.Socket.State);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
    }

    [Fact]
    public async Task FramesSentJustBeforeACloseAreCarriedOut()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync(new { type = "message", conversation_id = group, content = $"{i}" });
        }

        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token);

        // The socket is closed. Queued frames come before this one.
        Assert.Equal(51, (await ana.SendAsync(group, "last"))["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task IncompleteFrameIsNotExecuted()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        for (var i = 0; i < 20; i++)
        {
            await using var client = await ana.ConnectAsync();
            // The same length again and again: a stale length in the buffer would fit the unfinished frame.
            await client.SendAsync(new { type = "message", conversation_id = group, content = "whole", request_id = "r" });
            await client.ReceiveAsync("Ack");
            await client.SendFragmentAsync(
                Encoding.UTF8.GetBytes($$"""{"type":"message","conversation_id":"{{group}}","content":"parts","request_id":"r"}"""),
                endOfMessage: false);
            using var deadline = new CancellationTokenSource(RawClient.Deadline);
            await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token);
        }

        var history = await ana.GetAsync($"/api/conversations/{group}/messages?limit=200");
        Assert.Equal(Enumerable.Repeat("whole", 20), history.AsArray().Select(said => said!["content"]!.GetValue<string>()));
    }

    [Fact]
    public async Task AbortedClientsLeaveServerAndConversationUnchanged()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var witness = await ana.ConnectAsync();
        await witness.JoinAsync(group);
        for (var i = 0; i < 20; i++)
        {
            await using var client = await ana.ConnectAsync();
            await client.JoinAsync(group);
            if (i % 2 == 0)
            {
                await client.SendFragmentAsync("{\"type\":"u8.ToArray(), endOfMessage: false);
            }

            client.Socket.Abort();
        }

        await ana.SendAsync(group, "hi");
        Assert.Equal("hi", (await witness.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
    }

    private async Task<RawClient> ConnectAsync()
    {
        using var ana = await server.PersonAsync();
        return await ana.ConnectAsync();
    }
}
