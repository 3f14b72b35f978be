using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

/// <summary>Makes the listeners of Kestrel, which then take no more connections than there is room for.</summary>
internal sealed class LimitedListenerFactory(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers, TcpConnectionLimit limit) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new LimitedListener(await _sockets.BindAsync(endpoint, cancellationToken), limit);
}

/// <summary>
/// Closes what is too much before it takes the next connection: handed on first, they would pile up, open, while the server
/// is busy. As long as a connection has not said anything, there is nothing to answer.
/// </summary>
internal sealed class LimitedListener(IConnectionListener inner, TcpConnectionLimit limit) : IConnectionListener
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
