using System.Runtime.InteropServices;
using Chasqui.Protocol;
using Chasqui.Server.Hubs;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Delivery;

/// <summary>
/// SignalR's own connections and groups, and two things that it does not offer: taking all connections of a user out
/// of a group, and ending connections. What it does is done when the returned task is; nothing here waits.
/// </summary>
internal sealed class ChatLifetimeManager(ILogger<DefaultHubLifetimeManager<ChatHub>> logger)
    : DefaultHubLifetimeManager<ChatHub>(logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<HubConnectionContext>> _byUser = [];
    private ConnectionEnd? _end;

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        lock (_gate)
        {
            ref var connections = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, connection.UserIdentifier!, out _);
            (connections ??= new(capacity: 1)).Add(connection);
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
                && connections.Remove(connection)
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
        HubConnectionContext[] connections;
        lock (_gate)
        {
            connections = _byUser.TryGetValue(user.Value.ToString(), out var found) ? [.. found] : [];
        }

        foreach (var connection in connections)
        {
            _ = RemoveFromGroupAsync(connection.ConnectionId, groupName);
        }
    }

    /// <summary>Ends every connection, and every one that still comes.</summary>
    /// <returns>How many there were.</returns>
    public int CloseAll(ConnectionEnd end)
    {
        HubConnectionContext[] connections;
        lock (_gate)
        {
            _end = end;
            connections = [.. _byUser.Values.SelectMany(list => list)];
        }

        foreach (var connection in connections)
        {
            // Tells SignalR clients that they may come back by themselves; the raw protocol has no such message.
            _ = connection.WriteAsync(new CloseMessage(end.Reason, allowReconnect: true)).AsTask();
            connection.Features.Get<ConnectionControl>()!.Close(end);
        }

        return connections.Length;
    }
}
