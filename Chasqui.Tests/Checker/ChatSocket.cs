using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Tests.Checker;

/// <summary>
/// One connection over one of the two transports. One task owns it. Frames are sent in order, their answers are among the events,
/// and receiving ends with <see cref="ConnectionLostException"/>.
/// </summary>
internal abstract class ChatSocket : IAsyncDisposable
{
    public ValueTask SendMessageAsync(Guid conversation, MessageKey key) => SendAsync(new SendMessage
    {
        ConversationId = new ConversationId(conversation),
        Content = Contents.Of(key),
        ClientMessageId = Contents.Id(key),
        RequestId = new Request(RequestKind.Send, key.Number).Id,
    });

    public ValueTask JoinAsync(Guid conversation, int place, long after) => SendAsync(new Join
    {
        ConversationId = new ConversationId(conversation),
        After = after,
        RequestId = new Request(RequestKind.Join, place).Id,
    });

    public ValueTask LeaveAsync(Guid conversation, int place) => SendAsync(new Leave
    {
        ConversationId = new ConversationId(conversation),
        RequestId = new Request(RequestKind.Leave, place).Id,
    });

    public abstract ValueTask SendAsync(ClientFrame frame);

    public abstract ValueTask<ServerEvent> ReceiveAsync();

    /// <summary>Ends the connection without a goodbye.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();
}

/// <summary>The documented JSON protocol.</summary>
internal sealed class RawSocket(RawClient client) : ChatSocket
{
    public static async Task<ChatSocket> ConnectAsync(Uri server, string token, bool hello, CancellationToken cancellationToken)
    {
        try
        {
            var socket = new RawSocket(await RawClient.ConnectAsync(server, token, cancellationToken));
            if (hello)
            {
                await socket.SendAsync(new Hello());
            }

            return socket;
        }
        catch (WebSocketException e)
        {
            throw new ConnectionLostException(e);
        }
    }

    public override async ValueTask SendAsync(ClientFrame frame)
    {
        try
        {
            await client.SendBytesAsync(JsonSerializer.SerializeToUtf8Bytes(frame, ChatJson.Options));
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
    }

    public override async ValueTask<ServerEvent> ReceiveAsync()
    {
        try
        {
            return await client.TryReceiveBytesAsync(CancellationToken.None) is { } bytes
                ? JsonSerializer.Deserialize<ServerEvent>(bytes.Span, ChatJson.Options)!
                : throw new ConnectionLostException();
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
    }

    public override void Abort() => client.Socket.Abort();

    public override ValueTask DisposeAsync() => client.DisposeAsync();

    private static bool IsLoss(Exception e) =>
        e is WebSocketException or ObjectDisposedException or OperationCanceledException or IOException or InvalidOperationException;
}

/// <summary>The .NET client of SignalR.</summary>
internal sealed class SignalRSocket(HubClient client) : ChatSocket
{
    public static async Task<ChatSocket> ConnectAsync(Uri server, string token, CancellationToken cancellationToken)
    {
        try
        {
            return new SignalRSocket(await HubClient.ConnectAsync(server, token, cancellationToken: cancellationToken));
        }
        // The library throws an AggregateException where the handshake is refused after the negotiation.
        catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or InvalidOperationException
            or AggregateException or HubException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionLostException(e);
        }
    }

    public override ValueTask SendAsync(ClientFrame frame)
    {
        // Its answer comes among the events.
        _ = client.RequestAsync(frame);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<ServerEvent> ReceiveAsync()
    {
        try
        {
            return await client.NextAsync(CancellationToken.None);
        }
        // An invocation that was under way is cancelled when the connection ends.
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            throw new ConnectionLostException(e);
        }
    }

    public override void Abort() => client.Abort();

    public override ValueTask DisposeAsync()
    {
        Abort();
        return client.DisposeAsync();
    }
}

/// <summary>The connection is gone, and with it the answers to the requests in flight.</summary>
internal sealed class ConnectionLostException(Exception? cause = null) : Exception("The connection is gone", cause);
