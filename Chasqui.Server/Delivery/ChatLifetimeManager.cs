using System.Runtime.InteropServices;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Hubs;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Delivery;

/// <summary>
/// SignalR's own connections and groups, and two things that it does not offer: taking all connections of a user out
/// of a group, and ending connections for a reason. What it does is done when the returned task is; nothing here waits.
/// </summary>
internal sealed class ChatLifetimeManager(ILogger<DefaultHubLifetimeManager<ChatHub>> logger)
    : DefaultHubLifetimeManager<ChatHub>(logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Opened>> _byUser = [];
    private ConnectionEnd? _end;

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        var opened = new Opened(connection, connection.User.GetTokenId(), connection.User.GetTokenExpiry());
        lock (_gate)
        {
            ref var connections = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, connection.UserIdentifier!, out _);
            (connections ??= new(capacity: 1)).Add(opened);
            if (_end is { } end)
            {
                connection.Features.Get<ConnectionControl>()!.Close(end);
            }
        }

        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        lock (_gate)
        {
            if (_byUser.TryGetValue(connection.UserIdentifier!, out var connections)
                && connections.RemoveAll(opened => opened.Connection == connection) > 0
                && connections.Count == 0)
            {
                _byUser.Remove(connection.UserIdentifier!);
            }
        }

        return base.OnDisconnectedAsync(connection);
    }

    /// <summary>Takes every connection of a user out of a group.</summary>
    public void RemoveUserFromGroup(UserId user, string groupName)
    {
        foreach (var opened in OfUser(user))
        {
            _ = RemoveFromGroupAsync(opened.Connection.ConnectionId, groupName);
        }
    }

    /// <summary>Ends the connections that were opened with a token.</summary>
    public void CloseToken(UserId user, Guid token, ConnectionEnd end)
    {
        foreach (var opened in OfUser(user).Where(opened => opened.Token == token))
        {
            Close(opened.Connection, end, allowReconnect: false);
        }
    }

    /// <summary>Ends the connections whose tokens have expired.</summary>
    /// <param name="now">The time in seconds since 1970.</param>
    public void CloseExpired(long now)
    {
        List<HubConnectionContext>? expired = null;
        lock (_gate)
        {
            foreach (var connections in _byUser.Values)
            {
                foreach (var opened in connections)
                {
                    if (opened.Expiry <= now)
                    {
                        (expired ??= []).Add(opened.Connection);
                    }
                }
            }
        }

        expired?.ForEach(connection => Close(connection, ConnectionEnd.TokenEnded, allowReconnect: false));
    }

    /// <summary>Ends every connection, and every one that still comes.</summary>
    /// <returns>How many there were.</returns>
    public int CloseAll(ConnectionEnd end)
    {
        Opened[] connections;
        lock (_gate)
        {
            _end = end;
            connections = [.. _byUser.Values.SelectMany(list => list)];
        }

        foreach (var opened in connections)
        {
            Close(opened.Connection, end, allowReconnect: true);
        }

        return connections.Length;
    }

    /// <summary>Tells SignalR clients too, and whether they may come back by themselves; the raw protocol has no such message.</summary>
    private static void Close(HubConnectionContext connection, ConnectionEnd end, bool allowReconnect)
    {
        var control = connection.Features.Get<ConnectionControl>()!;
        if (control.End is null)
        {
            _ = connection.WriteAsync(new CloseMessage(end.Reason, allowReconnect)).AsTask();
            control.Close(end);
        }
    }

    private Opened[] OfUser(UserId user)
    {
        lock (_gate)
        {
            return _byUser.TryGetValue(user.Value.ToString(), out var found) ? [.. found] : [];
        }
    }

    /// <param name="Connection">The connection.</param>
    /// <param name="Token">The id of the token that it was opened with.</param>
    /// <param name="Expiry">When that one expires, in seconds since 1970.</param>
    private readonly record struct Opened(HubConnectionContext Connection, Guid Token, long Expiry);
}
