using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Hosting;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Delivery;

/// <summary>
/// The connections of both doors from the moment they are accepted, so that they can be ended for a reason: SignalR knows
/// them only after its handshake, which a client may never say.
/// </summary>
internal sealed class OpenConnections
{
    public const string QueuedBytesInstrument = "chasqui.delivery.queued_bytes";

    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, List<ConnectionControl>> _byUser = [];
    private readonly TokenStore _tokens;
    private readonly ILogger<OpenConnections> _logger;
    private readonly Counter<long> _closed;
    private ConnectionEnd? _end;

    public OpenConnections(TokenStore tokens, ILogger<OpenConnections> logger, IMeterFactory meters)
    {
        _tokens = tokens;
        _logger = logger;
        var meter = meters.Create(ServerMeter.Name);
        _closed = meter.CreateCounter<long>(
            "chasqui.connections.closed", "{connection}", "Connections that have ended, by the door and the close code; 4408 is a slow reader.");
        meter.CreateObservableUpDownCounter(
            QueuedBytesInstrument,
            QueuedBytes,
            unit: "By",
            description: "What waits for connections that read more slowly than they are sent to.");
    }

    /// <summary>Serves a connection to its end, unless its token has come to one.</summary>
    public async Task ServeAsync(ConnectionControl connection, Func<Task> serve)
    {
        Add(connection);
        try
        {
            // A token that was ended since it was looked at: whoever closes its connections may not have seen this one.
            if (await EndOfTokenAsync(connection.OpenedWith) is { } end)
            {
                connection.Close(end);
            }
            else
            {
                await serve();
            }
        }
        finally
        {
            Remove(connection);
            CountClosed(connection);
        }
    }

    /// <summary>How many there are of each door.</summary>
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
    public ConnectionControl[] Of(UserId user)
    {
        lock (_gate)
        {
            return _byUser.TryGetValue(user, out var found) ? [.. found] : [];
        }
    }

    /// <summary>Ends the connections that were opened with a token.</summary>
    public void CloseToken(EndedToken token)
    {
        foreach (var connection in Of(token.UserId).Where(connection => connection.OpenedWith.Token == token.TokenId))
        {
            Close(connection, EndFor(token.Reason), allowReconnect: false);
        }
    }

    /// <summary>Ends the connections whose tokens have expired.</summary>
    /// <param name="now">The time in seconds since 1970.</param>
    public void CloseExpired(long now)
    {
        foreach (var connection in Find(connection => connection.OpenedWith.Expiry <= now))
        {
            Close(connection, ConnectionEnd.TokenEnded, allowReconnect: false);
        }
    }

    /// <summary>Ends every connection, and every one that still comes.</summary>
    /// <returns>How many there were.</returns>
    public int CloseAll(ConnectionEnd end)
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

    private static ConnectionEnd EndFor(string reason) =>
        reason == EndedToken.Disabled ? ConnectionEnd.AccountDisabled : ConnectionEnd.TokenEnded;

    /// <summary>Tells SignalR clients too, and whether they may come back by themselves; the raw protocol has no such message.</summary>
    private static void Close(ConnectionControl connection, ConnectionEnd end, bool allowReconnect)
    {
        if (connection.End is null)
        {
            _ = connection.Hub?.WriteAsync(new CloseMessage(end.Reason, allowReconnect)).AsTask();
            connection.Close(end);
        }
    }

    private void CountClosed(ConnectionControl connection)
    {
        if (_closed.Enabled)
        {
            var end = connection.End ?? ConnectionEnd.Normal;
            _closed.Add(1, Doors.Tag(connection.IsRaw ? Doors.Raw : Doors.Hub), new KeyValuePair<string, object?>("code", end.Code));
        }
    }

    private long QueuedBytes()
    {
        lock (_gate)
        {
            return _byUser.Values.SelectMany(connections => connections).Sum(connection => connection.Output.QueuedBytes);
        }
    }

    private ConnectionControl[] Find(Func<ConnectionControl, bool> which)
    {
        lock (_gate)
        {
            return [.. _byUser.Values.SelectMany(connections => connections).Where(which)];
        }
    }

    private void Add(ConnectionControl connection)
    {
        lock (_gate)
        {
            ref var connections = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, connection.OpenedWith.User, out _);
            (connections ??= new(capacity: 1)).Add(connection);
            if (_end is { } end)
            {
                connection.Close(end);
            }
        }
    }

    private void Remove(ConnectionControl connection)
    {
        lock (_gate)
        {
            var connections = _byUser[connection.OpenedWith.User];
            connections.Remove(connection);
            if (connections.Count == 0)
            {
                _byUser.Remove(connection.OpenedWith.User);
            }
        }
    }

    private async Task<ConnectionEnd?> EndOfTokenAsync(OpenedWith token)
    {
        try
        {
            return await _tokens.EndReasonAsync(token.Token, token.User) is { } reason ? EndFor(reason) : null;
        }
        catch (DbException e)
        {
            DeliveryLog.CannotAskForToken(_logger, e.Message);
            return ConnectionEnd.InternalError;
        }
    }
}
