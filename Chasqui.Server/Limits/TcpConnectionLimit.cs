using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Chasqui.Server.Limits;

/// <summary>
/// Limits the TCP connections in all and from one address, until they are closed. Kestrel's own limit does not count upgraded
/// connections, and has none per address.
/// </summary>
internal sealed class TcpConnectionLimit(ConnectionCapacity capacity, TrustedProxies proxies)
{
    private readonly UsageCounter<IPAddress> _connections = new(capacity.Tcp, capacity.TcpPerAddress);

    public bool TryAdmit(ConnectionContext connection)
    {
        // A proxy carries many clients, and so does a Unix socket.
        var remote = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var address = ClientAddress.Of(remote ?? IPAddress.None);
        if (!_connections.TryEnter(address, isExempt: remote is null || proxies.Trust(remote)))
        {
            return false;
        }

        connection.ConnectionClosed.Register(() => _connections.Leave(address));
        return true;
    }
}

/// <summary>Makes Kestrel's listeners, limited by <see cref="TcpConnectionLimit"/>.</summary>
internal sealed class LimitedListenerFactory(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers, TcpConnectionLimit limit) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new LimitedListener(await _sockets.BindAsync(endpoint, cancellationToken), limit);

    /// <summary>
    /// Closes a connection over the limit before it accepts the next one. Closed later, in Kestrel's pipeline, they would pile up
    /// while the server is busy.
    /// </summary>
    private sealed class LimitedListener(IConnectionListener inner, TcpConnectionLimit limit) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (limit.TryAdmit(connection))
                {
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
