using Chasqui.Server.Limits;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Delivery;

/// <summary>
/// What the rest of the server can do to one connection, whichever door it came through: a feature of the connection.
/// </summary>
internal sealed class ClientConnection(Action stop)
{
    private CloseReason? _end;

    /// <summary>Why the connection ends; the first reason stays.</summary>
    public CloseReason? End => Volatile.Read(ref _end);

    /// <summary>Whose it is, and until when.</summary>
    public required ConnectionCredentials Credentials { get; init; }

    /// <summary>The same connection as SignalR knows it, once its handshake is done.</summary>
    public HubConnectionContext? Hub { get; set; }

    /// <summary>What the hub remembers of it, once the hub has said that it is connected.</summary>
    public HubSession? Session { get; set; }

    /// <summary>The connection's output, for those who send much and can wait.</summary>
    public required ConnectionOutput Output { get; init; }

    /// <summary>Whether the client may ask for nothing more, not even for what it has sent already.</summary>
    public bool IsShutOut => End == CloseReason.TokenEnded || End == CloseReason.AccountDisabled;

    /// <summary>Whether this is a raw client, which sees additive events only after it has said hello.</summary>
    public required bool IsRaw { get; init; }

    /// <summary>The frames that it may still send; <see langword="null"/> where that is not limited.</summary>
    public required Allowance? Frames { get; init; }

    /// <summary>
    /// Counts frames that have come, served or not. A client that goes on after it was refused for a whole allowance is closed.
    /// </summary>
    /// <returns>Whether the connection goes on.</returns>
    public bool Count(int frames)
    {
        if (Frames is null || frames == 0)
        {
            return true;
        }

        Frames.Charge(frames);
        if (!Frames.IsFlooded)
        {
            return true;
        }

        Close(CloseReason.Flooding);
        return false;
    }

    /// <summary>Completes when much can be sent; whoever is gone needs nothing more.</summary>
    /// <exception cref="OperationCanceledException">The connection ends.</exception>
    public Task WhenRoomAsync() => End is null ? Output.WhenRoomAsync() : throw new OperationCanceledException();

    /// <summary>The client has said goodbye, or is gone; what it sent before is still carried out.</summary>
    public void ClientClosed() => Interlocked.CompareExchange(ref _end, CloseReason.Normal, null);

    /// <summary>Ends the connection. Returns at once, and does nothing the second time.</summary>
    public void Close(CloseReason end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null)
        {
            // Not here: the caller may be the writer, and what follows is the connection's own business.
            ThreadPool.UnsafeQueueUserWorkItem(static stop => stop(), stop, preferLocal: false);
        }
    }
}
