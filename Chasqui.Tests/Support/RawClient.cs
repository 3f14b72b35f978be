using System.Net.Sockets;
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

    private byte[] _buffer = new byte[4 * 1024];

    private const string PresenceEvent = """{"type":"PresenceChanged",""";

    public ClientWebSocket Socket { get; } = new();

    /// <summary>Whether it receives who comes and goes, which depends on time; otherwise these events are skipped.</summary>
    public bool TakesPresence { get; set; }

    public static Task<RawClient> ConnectAsync(TestServer server, string token, string? origin = null, int? receiveBuffer = null) =>
        ConnectAsync(new Uri($"{server.WebSocketUrl}/api/ws/chat?token={token}"), origin, receiveBuffer);

    public static Task<RawClient> ConnectAsync(Uri server, string token, CancellationToken cancellationToken) =>
        ConnectAsync(new Uri($"ws://{server.Authority}/api/ws/chat?token={token}"), cancellationToken: cancellationToken);

    public static async Task<RawClient> ConnectAsync(
        Uri address, string? origin = null, int? receiveBuffer = null, CancellationToken cancellationToken = default)
    {
        var client = new RawClient();
        if (origin is not null)
        {
            client.Socket.Options.SetRequestHeader("Origin", origin);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        using var handler = new SocketsHttpHandler();
        if (receiveBuffer is { } bytes)
        {
            // A small kernel buffer: a reader that stalls is noticed early.
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = bytes, NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        try
        {
            await client.Socket.ConnectAsync(address, invoker, deadline.Token);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
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
        var text = await TryReceiveTextAsync();
        Assert.True(text is not null, $"Closed: {Socket.CloseStatus} {Socket.CloseStatusDescription}");
        return text;
    }

    /// <summary>The next WebSocket message, or <see langword="null"/> when the server closes.</summary>
    public async Task<JsonObject?> TryReceiveAsync() =>
        await TryReceiveTextAsync() is { } text ? Assert.IsType<JsonObject>(JsonNode.Parse(text)) : null;

    private async Task<string?> TryReceiveTextAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (await TryReceiveBytesAsync(deadline.Token) is { } bytes)
        {
            var text = Encoding.UTF8.GetString(bytes.Span);
            if (TakesPresence || !text.StartsWith(PresenceEvent, StringComparison.Ordinal))
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>The next WebSocket message, or <see langword="null"/> when the server closes. The bytes are good until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> TryReceiveBytesAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var received = await Socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            length += received.Count;
            if (received.EndOfMessage)
            {
                return _buffer.AsMemory(0, length);
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * length);
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

    /// <summary>Answers the server's close.</summary>
    public async Task CloseAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, deadline.Token);
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
