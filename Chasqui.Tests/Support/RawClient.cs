using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Chasqui.Tests.Support;

/// <summary>A client of the documented raw protocol, as a frontend developer would write it.</summary>
public sealed class RawClient : IAsyncDisposable
{
    /// <summary>How long a test waits for what has to come.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly byte[] _buffer = new byte[256 * 1024];

    public ClientWebSocket Socket { get; } = new();

    public static Task<RawClient> ConnectAsync(TestServer server, string token, string? origin = null) =>
        ConnectAsync(new Uri($"{server.WebSocketUrl}/api/ws/chat?token={token}"), origin);

    public static async Task<RawClient> ConnectAsync(Uri address, string? origin = null)
    {
        var client = new RawClient();
        if (origin is not null)
        {
            client.Socket.Options.SetRequestHeader("Origin", origin);
        }

        using var deadline = new CancellationTokenSource(Deadline);
        await client.Socket.ConnectAsync(address, deadline.Token);
        return client;
    }

    public Task SendAsync(object frame) => SendTextAsync(JsonSerializer.Serialize(frame));

    public Task SendTextAsync(string text) => SendBytesAsync(Encoding.UTF8.GetBytes(text));

    public Task SendBytesAsync(byte[] bytes, WebSocketMessageType type = WebSocketMessageType.Text) =>
        SendFragmentAsync(bytes, endOfMessage: true, type);

    /// <summary>Sends a part of a frame.</summary>
    public async Task SendFragmentAsync(byte[] bytes, bool endOfMessage, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await Socket.SendAsync(bytes, type, endOfMessage, deadline.Token);
    }

    /// <summary>The next WebSocket message, which has to be one JSON object.</summary>
    public async Task<JsonObject> ReceiveAsync()
    {
        var text = await ReceiveTextAsync();
        return Assert.IsType<JsonObject>(JsonNode.Parse(text));
    }

    /// <summary>The next WebSocket message, which has to have this type.</summary>
    public async Task<JsonObject> ReceiveAsync(string type)
    {
        var received = await ReceiveAsync();
        Assert.True(received["type"]?.GetValue<string>() == type, $"Expected {type}, got {received.ToJsonString()}");
        return received;
    }

    public async Task<string> ReceiveTextAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var length = 0;
        while (true)
        {
            var received = await Socket.ReceiveAsync(_buffer.AsMemory(length), deadline.Token);
            Assert.True(received.MessageType == WebSocketMessageType.Text, $"Closed: {Socket.CloseStatus} {Socket.CloseStatusDescription}");
            length += received.Count;
            if (received.EndOfMessage)
            {
                return Encoding.UTF8.GetString(_buffer, 0, length);
            }
        }
    }

    /// <summary>Reads until the server closes, and gives the close code.</summary>
    public async Task<int> ReceiveCloseAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while ((await Socket.ReceiveAsync(_buffer.AsMemory(), deadline.Token)).MessageType != WebSocketMessageType.Close)
        {
        }

        return (int)Socket.CloseStatus!;
    }

    /// <summary>Joins, and waits until the server has carried it out.</summary>
    public async Task JoinAsync(string conversation)
    {
        await SendAsync(new { type = "join", conversation_id = conversation, request_id = "join" });
        Assert.Equal("join", (await ReceiveAsync("Ack"))["request_id"]!.GetValue<string>());
    }

    /// <summary>Asks for something that is always answered: what came before it has been carried out.</summary>
    public async Task<JsonObject> PingAsync()
    {
        await SendAsync(new { type = "ping" });
        return await ReceiveAsync("Pong");
    }

    public ValueTask DisposeAsync()
    {
        Socket.Abort();
        Socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
