using Chasqui.Server.Telemetry;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Delivery;

/// <summary>
/// The connections of both transports from the moment they are accepted, to close them with a reason. SignalR knows a connection
/// only after its handshake, which a client may never send.
/// </summary>
internal sealed class ConnectionRegistry
{
    public const string QueuedBytesInstrument = "chasqui.delivery.queued_bytes";

    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, List<ClientConnection>> _byUser = [];
    private readonly Counter<long> _closed;
    private CloseReason? _end;

    public ConnectionRegistry(IMeterFactory meters)
    {
        var meter = meters.Create(ServerMeter.Name);
        _closed = meter.CreateCounter<long>(
            "chasqui.connections.closed", "{connection}", "Connections that have ended, by transport and close code; 4408 is a slow reader.");
        meter.CreateObservableUpDownCounter(
            QueuedBytesInstrument,
            QueuedBytes,
            unit: "By",
            description: "Bytes that wait for connections that read more slowly than they are sent to.");
    }

    /// <summary>The number of connections of each transport.</summary>
    public (int Raw, int Hub) Count()
    {
        lock (_gate)
        {
            var all = _byUser.Values.Sum(connections => connections.Count);
            var raw = _byUser.Values.Sum(connections => connections.Count(connection => connection.IsRaw));
            return (raw, all - raw);
        }
    }

    /// <summary>The connections of a user at this moment.</summary>
    public ClientConnection[] Of(UserId user)
    {
        lock (_gate)
        {
            return _byUser.TryGetValue(user, out var found) ? [.. found] : [];
        }
    }

    /// <summary>What all connections hold: see <see cref="ClientConnection.HeldBytes"/>.</summary>
    public long HeldBytes()
    {
        lock (_gate)
        {
            return _byUser.Values.SelectMany(connections => connections).Sum(connection => connection.HeldBytes);
        }
    }

    /// <summary>The open connections and what each holds, the fattest first.</summary>
    public IEnumerable<(ClientConnection Connection, long Bytes)> ByHeldBytes() => Find(connection => connection.End is null)
        .Select(connection => (Connection: connection, Bytes: connection.HeldBytes))
        .OrderByDescending(each => each.Bytes);

    /// <summary>The tokens that the connections of this moment were opened with.</summary>
    public IEnumerable<Guid> Tokens() => Find(_ => true).Select(connection => connection.Credentials.Token);

    /// <summary>Closes the connections that were opened with a token.</summary>
    public void CloseToken(UserId user, Guid token, CloseReason reason)
    {
        foreach (var connection in Of(user).Where(connection => connection.Credentials.Token == token))
        {
            Close(connection, reason, allowReconnect: false);
        }
    }

    /// <summary>Ends the connections whose tokens have expired.</summary>
    /// <param name="now">The time in seconds since 1970.</param>
    public void CloseExpired(long now)
    {
        foreach (var connection in Find(connection => connection.Credentials.Expiry <= now))
        {
            Close(connection, CloseReason.TokenEnded, allowReconnect: false);
        }
    }

    /// <summary>Closes every connection, and each that is added later.</summary>
    /// <returns>The number of open connections.</returns>
    public int CloseAll(CloseReason end)
    {
        lock (_gate)
        {
            _end = end;
        }

        var connections = Find(_ => true);
        foreach (var connection in connections)
        {
            Close(connection, end, allowReconnect: true);
        }

        return connections.Length;
    }

    /// <summary>
    /// Sends SignalR clients a close message with the reason too; it says whether they may reconnect automatically.
    /// </summary>
    private static void Close(ClientConnection connection, CloseReason end, bool allowReconnect)
    {
        if (connection.End is null)
        {
            _ = connection.Hub?.WriteAsync(new CloseMessage(end.Reason, allowReconnect)).AsTask();
            connection.Close(end);
        }
    }

    private void CountClosed(ClientConnection connection)
    {
        if (_closed.Enabled)
        {
            var end = connection.End ?? CloseReason.Normal;
            _closed.Add(1, TransportNames.Tag(connection.IsRaw ? TransportNames.Raw : TransportNames.Hub), new KeyValuePair<string, object?>("code", end.Code));
        }
    }

    private long QueuedBytes()
    {
        lock (_gate)
        {
            return _byUser.Values.SelectMany(connections => connections).Sum(connection => connection.Output.QueuedBytes);
        }
    }

    private ClientConnection[] Find(Func<ClientConnection, bool> which)
    {
        lock (_gate)
        {
            return [.. _byUser.Values.SelectMany(connections => connections).Where(which)];
        }
    }

    public void Add(ClientConnection connection)
    {
        lock (_gate)
        {
            ref var connections = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, connection.Credentials.User, out _);
            (connections ??= new(capacity: 1)).Add(connection);
            if (_end is { } end)
            {
                connection.Close(end);
            }
        }
    }

    public void Remove(ClientConnection connection)
    {
        CountClosed(connection);
        lock (_gate)
        {
            var connections = _byUser[connection.Credentials.User];
            connections.Remove(connection);
            if (connections.Count == 0)
            {
                _byUser.Remove(connection.Credentials.User);
            }
        }
    }
}
