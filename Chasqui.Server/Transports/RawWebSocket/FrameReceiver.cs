using Chasqui.Protocol.Raw;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Transports.RawWebSocket;

/// <summary>Moves frames from the socket into the hub's input until the client closes.</summary>
internal static class FrameReceiver
{
    /// <summary>
    /// Ends when the client has closed or is gone. A frame that the server does not accept closes the connection.
    /// </summary>
    /// <returns>Whether it was the framework that closed, for a violation of RFC 6455.</returns>
    public static async Task<bool> ReceiveAsync(WebSocket socket, PipeWriter input, ClientConnection control, LimitOptions limits)
    {
        try
        {
            while (await ReceiveFrameAsync(socket, input, control, limits))
            {
            }

            return false;
        }
        catch (WebSocketException e)
        {
            // Otherwise the client is gone without a close.
            return e.WebSocketErrorCode != WebSocketError.ConnectionClosedPrematurely;
        }
        catch (OperationCanceledException)
        {
            // The socket was aborted from this side.
            return false;
        }
        finally
        {
            control.ClientClosed();
            await input.CompleteAsync();
        }
    }

    private static async ValueTask<bool> ReceiveFrameAsync(
        WebSocket socket, PipeWriter input, ClientConnection control, LimitOptions limits)
    {
        await control.Held.WhenRoomAsync();
        // Waits without a buffer, so that an idle connection holds none.
        var received = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (received.MessageType == WebSocketMessageType.Close)
        {
            return false;
        }

        var delimiter = input.GetMemory(FrameDelimiter.Size)[..FrameDelimiter.Size];
        input.Advance(FrameDelimiter.Size);
        // If the input completes before the frame does, the hub must not take the part of it for a frame.
        FrameDelimiter.Write(delimiter.Span, FrameDelimiter.Unfinished);
        var length = 0;
        while (true)
        {
            if (received.MessageType == WebSocketMessageType.Binary)
            {
                return await RefuseAsync(socket, control, CloseReason.BinaryFrame);
            }

            if (received.EndOfMessage)
            {
                break;
            }

            var room = input.GetMemory();
            room = room[..Math.Min(room.Length, limits.MaxFrameBytes + 1 - length)];
            received = await socket.ReceiveAsync(room, CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            input.Advance(received.Count);
            length += received.Count;
            control.Held.Unfinished = length;
            if (length > limits.MaxFrameBytes)
            {
                return await RefuseAsync(socket, control, CloseReason.FrameTooLarge);
            }
        }

        // Also where a frame within it was refused: too many fragments.
        if (!control.Count(1 + ((length - 1) / FixedLimits.BytesPerFrame)) || control.End is not null)
        {
            return await DiscardAsync(socket);
        }

        control.Held.Unfinished = 0;
        FrameDelimiter.Write(delimiter.Span, length);
        var flushed = await input.FlushAsync();
        return !flushed.IsCompleted || await DiscardAsync(socket);
    }

    private static ValueTask<bool> RefuseAsync(WebSocket socket, ClientConnection control, CloseReason end)
    {
        control.Close(end);
        return DiscardAsync(socket);
    }

    /// <summary>The server closes the connection: reads on until the client has closed too.</summary>
    private static async ValueTask<bool> DiscardAsync(WebSocket socket)
    {
        var scratch = new byte[4096];
        while ((await socket.ReceiveAsync(scratch.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
        {
        }

        return false;
    }
}
