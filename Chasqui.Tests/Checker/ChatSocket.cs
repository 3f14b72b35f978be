namespace Chasqui.Tests.Checker;

/// <summary>
/// One connection through either door. One task owns it: what is sent goes out in that order, and receiving ends with
/// <see cref="ConnectionLostException"/>.
/// </summary>
internal abstract class ChatSocket : IAsyncDisposable
{
    public abstract ValueTask SendMessageAsync(Guid conversation, MessageKey key);

    public abstract ValueTask JoinAsync(Guid conversation, int place, long after);

    public abstract ValueTask LeaveAsync(Guid conversation, int place);

    public abstract ValueTask<Received> ReceiveAsync();

    /// <summary>Ends the connection without a goodbye.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();
}

/// <summary>The connection is gone, and with it the answers to whatever was under way.</summary>
internal sealed class ConnectionLostException(Exception? cause = null) : Exception("The connection is gone", cause);
