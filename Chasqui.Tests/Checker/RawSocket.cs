using System.Buffers.Text;
using System.Net.WebSockets;

namespace Chasqui.Tests.Checker;

/// <summary>
/// The documented JSON protocol, written and read without intermediate objects: the load is part of the measurement.
/// </summary>
internal sealed class RawSocket : ChatSocket
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _frame = new byte[2048];
    private byte[] _received = new byte[2048];

    private RawSocket() => _socket.Options.KeepAliveInterval = TimeSpan.Zero;

    public static async Task<ChatSocket> ConnectAsync(Uri server, string token, bool hello, CancellationToken cancellationToken)
    {
        var socket = new RawSocket();
        try
        {
            await socket._socket.ConnectAsync(
                new Uri($"ws://{server.Authority}/api/ws/chat?token={token}"), cancellationToken);
            if (hello)
            {
                await socket.SendAsync("""{"type":"hello"}"""u8.ToArray());
            }

            return socket;
        }
        catch (WebSocketException e)
        {
            await socket.DisposeAsync();
            throw new ConnectionLostException(e);
        }
    }

    public override ValueTask SendMessageAsync(Guid conversation, MessageKey key)
    {
        var length = Write(0, """{"type":"message","conversation_id":"conv:"""u8);
        length = Write(length, conversation);
        length = Write(length, "\",\"content\":\""u8);
        length += Contents.WriteEscaped(key, _frame.AsSpan(length));
        length = Write(length, "\",\"client_message_id\":\""u8);
        length += Contents.WriteId(key, _frame.AsSpan(length));
        return SendRequestAsync(length, new Request(RequestKind.Send, key.Number));
    }

    public override ValueTask JoinAsync(Guid conversation, int place, long after)
    {
        var length = Write(0, """{"type":"join","after":"""u8);
        Utf8Formatter.TryFormat(after, _frame.AsSpan(length), out var digits);
        length = Write(length + digits, ",\"conversation_id\":\"conv:"u8);
        return SendRequestAsync(Write(length, conversation), new Request(RequestKind.Join, place));
    }

    public override ValueTask LeaveAsync(Guid conversation, int place)
    {
        var length = Write(0, """{"type":"leave","conversation_id":"conv:"""u8);
        return SendRequestAsync(Write(length, conversation), new Request(RequestKind.Leave, place));
    }

    public override async ValueTask<Received> ReceiveAsync()
    {
        try
        {
            var length = 0;
            while (true)
            {
                var part = await _socket.ReceiveAsync(_received.AsMemory(length), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    throw new ConnectionLostException();
                }

                length += part.Count;
                if (part.EndOfMessage)
                {
                    return EventReader.Read(_received.AsSpan(0, length));
                }

                if (length == _received.Length)
                {
                    Array.Resize(ref _received, length * 2);
                }
            }
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
    }

    public override void Abort() => _socket.Abort();

    public override ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends a frame that stands in the buffer inside of its last string.</summary>
    private ValueTask SendRequestAsync(int length, Request request)
    {
        length = Write(length, "\",\"request_id\":\""u8);
        length += RequestIds.Write(request, _frame.AsSpan(length));
        length = Write(length, "\"}"u8);
        return SendAsync(_frame.AsMemory(0, length));
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> frame)
    {
        try
        {
            await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
    }

    private int Write(int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(_frame.AsSpan(at));
        return at + text.Length;
    }

    private int Write(int at, Guid uuid)
    {
        Utf8Formatter.TryFormat(uuid, _frame.AsSpan(at), out var written);
        return at + written;
    }

    private static bool IsLoss(Exception e) => e is WebSocketException or ObjectDisposedException or OperationCanceledException
        or IOException or InvalidOperationException;
}
