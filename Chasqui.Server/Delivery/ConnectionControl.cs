namespace Chasqui.Server.Delivery;

/// <summary>
/// What the rest of the server can do to one connection, whichever door it came through: a feature of the connection.
/// </summary>
internal sealed class ConnectionControl(Action stop)
{
    private ConnectionEnd? _end;

    /// <summary>Why the connection ends; the first reason stays.</summary>
    public ConnectionEnd? End => Volatile.Read(ref _end);

    /// <summary>The connection's output, for those who send much and can wait.</summary>
    public required ConnectionOutput Output { get; init; }

    /// <summary>Whether this is a raw client, which sees additive events only after it has said hello.</summary>
    public required bool IsRaw { get; init; }

    /// <summary>The client has said goodbye; what it sent before is still carried out.</summary>
    public void ClientClosed() => Interlocked.CompareExchange(ref _end, ConnectionEnd.Normal, null);

    /// <summary>Ends the connection. Returns at once, and does nothing the second time.</summary>
    public void Close(ConnectionEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null)
        {
            // Not here: the caller may be the writer, and what follows is the connection's own business.
            ThreadPool.UnsafeQueueUserWorkItem(static stop => stop(), stop, preferLocal: false);
        }
    }
}
