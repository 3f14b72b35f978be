using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Chasqui.Server.Limits;

/// <summary>
/// Limits the TCP connections in all and from one address, until they are closed. Kestrel's own limit does not count upgraded
/// connections, and has none per address.
/// </summary>
internal sealed class TcpConnectionLimit(ConnectionCapacity capacity, TrustedProxies proxies, MemoryBudget budget, TimeProvider clock)
{
    private readonly UsageCounter<IPAddress> _connections = new(capacity.Tcp, capacity.TcpPerAddress);

    private readonly ConcurrentDictionary<TcpConnection, bool> _open = new();

    public bool TryAdmit(ConnectionContext connection)
    {
        // A proxy carries many clients, and so does a Unix socket.
        var remote = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var address = ClientAddress.Of(remote ?? IPAddress.None);
        var isExempt = remote is null || proxies.Trust(remote);
        var max = budget.IsShort ? FixedLimits.ConnectionsPerAddressInShortage : int.MaxValue;
        if (!_connections.TryEnter(address, isExempt, max))
        {
            return false;
        }

        var tcp = new TcpConnection(connection, address, clock.GetTimestamp());
        if (!isExempt)
        {
            _open.TryAdd(tcp, true);
        }

        connection.Features.Set(tcp);
        connection.ConnectionClosed.Register(() =>
        {
            _open.TryRemove(tcp, out _);
            _connections.Leave(address);
        });
        return true;
    }

    /// <summary>
    /// Closes the connections that have been without a request for long. Those that had one may be kept by their client for the next;
    /// a begun one must be whole within Kestrel's timeout.
    /// </summary>
    /// <param name="maxIdle">For how long; twice as long where there was a request.</param>
    /// <param name="maxIdleOfMany">The same of addresses with many of them: others may only wait for a busy server.</param>
    /// <returns>How many there were.</returns>
    public async Task<int> AbortAsync(TimeSpan maxIdle, TimeSpan maxIdleOfMany)
    {
        var aborted = 0;
        foreach (var tcp in _open.Keys)
        {
            var max = _connections.Of(tcp.Address) >= FixedLimits.ConnectionsPerAddressInShortage ? maxIdleOfMany : maxIdle;
            if (tcp.IdleSince is { } since && clock.GetElapsedTime(since) > (tcp.HasServed ? 2 * max : max))
            {
                tcp.Abort();
                await AbortPace.AfterAsync(++aborted);
            }
        }

        return aborted;
    }
}

/// <summary>A TCP connection, a feature of its requests.</summary>
internal sealed class TcpConnection(ConnectionContext connection, IPAddress address, long accepted)
{
    private int _requests;
    private long _since = accepted;

    /// <summary>See <see cref="ClientAddress"/>.</summary>
    public IPAddress Address => address;

    /// <summary>Whether it is a chat connection, which outlives its request.</summary>
    public bool IsChat { get; set; }

    /// <summary>
    /// Since when it has no request, but perhaps the beginning of one; <see langword="null"/> while it has one.
    /// </summary>
    public long? IdleSince => IsChat || Volatile.Read(ref _requests) > 0 ? null : Volatile.Read(ref _since);

    /// <summary>Whether it has had a request.</summary>
    public bool HasServed { get; private set; }

    public void Begin() => Interlocked.Increment(ref _requests);

    public void End(long now)
    {
        HasServed = true;
        Volatile.Write(ref _since, now);
        Interlocked.Decrement(ref _requests);
    }

    public void Abort() => connection.Abort();
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
