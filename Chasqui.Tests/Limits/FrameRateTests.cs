using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Fuzzing;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Tests.Limits;

public sealed class FrameRateTests : IAsyncLifetime
{
    /// <summary>So few that they do not come back as fast as a test sends: one takes a second.</summary>
    private const int Limit = 10;

    private readonly TestServer _server = new();
    private readonly List<RawClient> _open = [];

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:Enabled", "true", "--Limits:FramesPer10s", $"{Limit}");

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _open)
        {
            await socket.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task PastTheLimitARawFrameIsRefusedAndToldWhenToComeBack()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();
        var served = 0;
        while (served <= 3 * Limit && (await AskAsync()).Text("type") == "Ack")
        {
            served++;
        }

        Assert.InRange(served, Limit, 3 * Limit);
        // Each connection has its own.
        await using var other = await ana.ConnectAsync();
        await other.PingAsync();

        async Task<JsonObject> AskAsync()
        {
            await socket.SendAsync(new { type = "leave", conversation_id = $"{Guid.CreateVersion7()}", request_id = "r" });
            var answer = await socket.ReceiveAsync();
            Assert.Equal("r", answer.Text("request_id"));
            if (answer.Text("type") == "Error")
            {
                Assert.Equal(ErrorCodes.RateLimited, answer.Text("code"));
                Assert.InRange(answer["retry_after_ms"]!.GetValue<int>(), 1, 10_000);
            }

            return answer;
        }
    }

    [Fact]
    public async Task ConnectionsOfAUserShareALimit()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var isRefused = false;
        for (var connections = 0; !isRefused; connections++)
        {
            // Each sends fewer than it may alone.
            Assert.True(connections < 10, "Nothing was ever refused");
            var socket = await ana.ConnectAsync();
            _open.Add(socket);
            for (var i = 0; i < Limit - 1 && !isRefused; i++)
            {
                await socket.SendAsync(new { type = "leave", conversation_id = $"{Guid.CreateVersion7()}", request_id = "r" });
                isRefused = (await socket.ReceiveAsync())["code"]?.GetValue<string>() == ErrorCodes.RateLimited;
            }
        }

        Assert.True(_open.Count > 3, "Others have not used it up");
        await using var other = await ben.ConnectAsync();
        await other.PingAsync();
    }

    [Fact]
    public async Task ClientMayJoinManyConversationsAtOnce()
    {
        using var ana = await _server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectAsync();
        for (var i = 0; i < 5 * Limit; i++)
        {
            await socket.JoinAsync(room);
        }

        await socket.PingAsync();
    }

    [Fact]
    public async Task MalformedFramesCountAndKeepTheirOwnError()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();
        for (var i = 0; i < Limit + (Limit / 2); i++)
        {
            await socket.SendTextAsync("{");
            Assert.Equal(ErrorCodes.InvalidJson, (await socket.ReceiveAsync("Error")).Text("code"));
        }

        await socket.SendAsync(new { type = "ping" });
        Assert.Equal(ErrorCodes.RateLimited, (await socket.ReceiveAsync("Error")).Text("code"));
    }

    [Theory]
    [InlineData("""{"type":"ping"}""")]
    [InlineData("{")]
    [InlineData("")]
    public async Task RawClientThatIgnoresRefusalsIsClosedWith4429(string frame)
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();
        for (var i = 0; i <= 3 * Limit; i++)
        {
            await socket.SendTextAsync(frame);
        }

        Assert.Equal(4429, await socket.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData("/api/ws/chat?token=", "", 0x89)]
    [InlineData("/api/ws/chat?token=", "", 0x8A)]
    [InlineData("/hubs/chat?access_token=", "{\"protocol\":\"json\",\"version\":1}\u001e", 0x89)]
    [InlineData("/hubs/chat?access_token=", "{\"protocol\":\"json\",\"version\":1}\u001e", 0x8A)]
    public async Task PingFloodClosesLikeFrameFlood(string transport, string first, int controlFrame)
    {
        const byte Masked = 0x80, Text = 0x81;
        using var ana = await _server.PersonAsync();
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var socket = await WireSocket.OpenAsync(new Uri(_server.Url), transport + ana.Token, deadline.Token);
        if (first.Length > 0)
        {
            await socket.SendAsync((byte[])[Text, (byte)(Masked | first.Length), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(first)], deadline.Token);
        }

        // However slowly a busy machine sends them: until it is closed.
        var flood = Task.Run(FloodAsync);
        WireFrame? frame;
        do
        {
            frame = await socket.ReceiveAsync(deadline.Token);
        }
        while (frame is { Opcode: not 8 });

        Assert.Equal(4429, BinaryPrimitives.ReadUInt16BigEndian(frame!.Value.Payload.Span));
        socket.Dispose();
        await flood;

        // With something in them, and one byte at a time: a header may come in pieces.
        async Task FloodAsync()
        {
            byte[] frame = [(byte)controlFrame, Masked | 2, 0, 0, 0, 0, 0x89, 0x89];
            for (var i = 0; await socket.SendAsync(frame.AsMemory(i % frame.Length, 1), deadline.Token); i++)
            {
            }
        }
    }

    [Fact]
    public async Task PastTheLimitAHubMethodIsRefusedAndToldWhenToComeBack()
    {
        using var ana = await _server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await HubClient.ConnectAsync(_server, ana.Token);

        // All at once: nothing comes back in between.
        var sent = Enumerable.Range(0, Limit + (Limit / 2)).Select(_ => client.LeaveAsync(group));
        var refused = await Assert.ThrowsAsync<HubException>(() => Task.WhenAll(sent));
        var error = Error.FromHubText(refused.Message)!;

        Assert.Equal(ErrorCodes.RateLimited, error.Code);
        Assert.InRange(error.RetryAfterMs!.Value, 1, 10_000);
    }

    [Theory]
    [InlineData("{\"type\":6}\u001e")]
    [InlineData("{\"type\":6}\u001e{\"type\":6}\u001e{\"type\":6}\u001e")]
    [InlineData("{\"type\":1,\"target\":\"Shout\",\"arguments\":[]}\u001e")]
    [InlineData("")]
    public async Task HubClientThatIgnoresRefusalsIsClosedWith4429(string records)
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectToHubAsync();
        for (var i = 0; i <= 3 * Limit; i++)
        {
            await socket.SendTextAsync(records);
        }

        Assert.Equal(4429, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task AHubMessageInPiecesCountsOnce()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectToHubAsync();
        var leave = $$"""{"type":1,"invocationId":"1","target":"Leave","arguments":[{"conversation_id":"{{Guid.CreateVersion7()}}"}]}""";
        // SignalR's handshake is one too.
        for (var i = 1; i < Limit; i++)
        {
            var record = leave + HubSocket.RecordSeparator;
            await socket.SendTextAsync(record[..20]);
            await socket.SendTextAsync(record[20..]);
            Assert.Contains("\"result\"", await socket.ReceiveTextAsync(), StringComparison.Ordinal);
        }
    }
}
