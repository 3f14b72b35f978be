using Chasqui.Server.Delivery;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// SignalR's connections and groups on this server. A broadcast is encoded once per protocol and handed to each connection's
/// output; no method waits for a socket, and each has taken effect when it returns.
/// </summary>
/// <remarks>
/// SignalR's own manager writes to each member through its <c>HubConnectionContext</c>: docs/architecture.md has what that costs.
/// It also waits there for an answer that is being written, and a later broadcast would overtake the earlier one.
/// </remarks>
internal sealed class ChatLifetimeManager(ConnectionRegistry registry) : HubLifetimeManager<ChatHub>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ClientConnection> _connections = [];
    private readonly Dictionary<string, Group> _groups = [];
    private long _deliveries;

    /// <summary>Events that were handed to connections.</summary>
    public long Deliveries => Interlocked.Read(ref _deliveries);

    /// <summary>Conversations that any connection has joined.</summary>
    public int JoinedConversations
    {
        get
        {
            lock (_gate)
            {
                return _groups.Keys.Count(GroupNames.IsConversation);
            }
        }
    }

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        var client = connection.Features.GetRequiredFeature<ClientConnection>();
        client.Hub = connection;
        lock (_gate)
        {
            _connections.Add(connection.ConnectionId, client);
        }

        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        lock (_gate)
        {
            if (_connections.Remove(connection.ConnectionId, out var client))
            {
                foreach (var name in client.Groups)
                {
                    RemoveMember(name, client);
                }
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Does nothing for a connection that is gone.</summary>
    public override Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_connections.TryGetValue(connectionId, out var client) && client.Groups.Add(groupName))
            {
                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, groupName, out _);
                (group ??= new Group()).Add(client);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Does nothing for a connection that is gone, or not in the group.</summary>
    public override Task RemoveFromGroupAsync(
        string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        Remove(connectionId, groupName);
        return Task.CompletedTask;
    }

    public override Task SendConnectionAsync(
        string connectionId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(Find(connectionId) is { } client ? [client] : [], methodName, args);

    public override Task SendConnectionsAsync(
        IReadOnlyList<string> connectionIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync([.. connectionIds.Select(Find).OfType<ClientConnection>()], methodName, args);

    public override Task SendGroupAsync(
        string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(MembersOf(groupName), methodName, args);

    public override Task SendGroupsAsync(
        IReadOnlyList<string> groupNames, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync([.. groupNames.SelectMany(MembersOf)], methodName, args);

    public override Task SendGroupExceptAsync(
        string groupName, string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds,
        CancellationToken cancellationToken = default) =>
        SendAsync(
            [.. MembersOf(groupName).Where(client => !excludedConnectionIds.Contains(client.Hub!.ConnectionId))], methodName, args);

    public override Task SendAllAsync(string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(Where(static _ => true), methodName, args);

    public override Task SendAllExceptAsync(
        string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds,
        CancellationToken cancellationToken = default) =>
        SendAsync(Where(client => !excludedConnectionIds.Contains(client.Hub!.ConnectionId)), methodName, args);

    public override Task SendUserAsync(
        string userId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(Where(client => client.Hub!.UserIdentifier == userId), methodName, args);

    public override Task SendUsersAsync(
        IReadOnlyList<string> userIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(Where(client => client.Hub!.UserIdentifier is { } user && userIds.Contains(user)), methodName, args);

    /// <summary>Takes every connection of a user out of a conversation.</summary>
    public void RemoveFromConversation(UserId user, ConversationId conversation)
    {
        foreach (var client in registry.Of(user))
        {
            if (client.Hub is { } hub)
            {
                RemoveFromConversation(hub.ConnectionId, conversation);
            }
        }
    }

    /// <summary>Takes one connection out of a conversation, which it no longer counts as joined.</summary>
    public void RemoveFromConversation(string connectionId, ConversationId conversation)
    {
        Remove(connectionId, GroupNames.Conversation(conversation));
        Find(connectionId)?.Joined.Remove(conversation);
    }

    /// <summary>Whether a connection has joined a conversation.</summary>
    public bool IsIn(string connectionId, ConversationId conversation)
    {
        lock (_gate)
        {
            return _connections.TryGetValue(connectionId, out var client)
                && client.Groups.Contains(GroupNames.Conversation(conversation));
        }
    }

    /// <summary>The connections that have joined a conversation, and their users.</summary>
    public IEnumerable<(string ConnectionId, UserId User)> In(ConversationId conversation) =>
        MembersOf(GroupNames.Conversation(conversation)).Select(client => (client.Hub!.ConnectionId, client.Credentials.User));

    /// <summary>Whether any connection has joined a conversation.</summary>
    public bool IsAnybodyIn(ConversationId conversation) => MembersOf(GroupNames.Conversation(conversation)).Length > 0;

    /// <summary>The connections that have joined a conversation and get additive events.</summary>
    public IEnumerable<ClientConnection> OptedInTo(ConversationId conversation) =>
        MembersOf(GroupNames.Conversation(conversation)).Where(client => client.IsOptedIn);

    /// <summary>The connections of a user that get additive events.</summary>
    public IEnumerable<ClientConnection> OptedInOf(UserId user) => MembersOf(GroupNames.User(user));

    /// <summary>Sends what a connection that does not keep up may miss.</summary>
    /// <returns>The number of connections.</returns>
    public int SendDroppable(IEnumerable<ClientConnection> connections, string method, ServerEvent sent)
    {
        ClientConnection[] receivers = [.. connections];
        _ = SendAsync(receivers, method, [sent], droppable: true);
        return receivers.Length;
    }

    private ClientConnection? Find(string connectionId)
    {
        lock (_gate)
        {
            return _connections.GetValueOrDefault(connectionId);
        }
    }

    private ClientConnection[] Where(Func<ClientConnection, bool> predicate)
    {
        lock (_gate)
        {
            return [.. _connections.Values.Where(predicate)];
        }
    }

    private ClientConnection[] MembersOf(string name)
    {
        lock (_gate)
        {
            return _groups.TryGetValue(name, out var group) ? group.Members : [];
        }
    }

    private void Remove(string connectionId, string name)
    {
        lock (_gate)
        {
            if (_connections.TryGetValue(connectionId, out var client) && client.Groups.Remove(name))
            {
                RemoveMember(name, client);
            }
        }
    }

    private void RemoveMember(string name, ClientConnection client)
    {
        var group = _groups[name];
        group.Remove(client);
        if (group.IsEmpty)
        {
            _groups.Remove(name);
        }
    }

    private Task SendAsync(ClientConnection[] receivers, string method, object?[] args, bool droppable = false)
    {
        Interlocked.Add(ref _deliveries, receivers.Length);
        var message = new SerializedHubMessage(new InvocationMessage(method, args));
        IHubProtocol? protocol = null;
        ReadOnlyMemory<byte> bytes = default;
        foreach (var receiver in receivers)
        {
            if (protocol != receiver.Hub!.Protocol)
            {
                protocol = receiver.Hub.Protocol;
                bytes = message.GetSerializedMessage(protocol);
            }

            // A protocol that does not know the event writes nothing.
            if (bytes.IsEmpty)
            {
                continue;
            }

            if (droppable)
            {
                receiver.Output.SendOrDrop(bytes);
            }
            else
            {
                receiver.Output.Send(bytes);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Keeps its members as an array too, until they change: most groups are sent to more often than they change.
    /// </summary>
    private sealed class Group
    {
        private readonly HashSet<ClientConnection> _members = new(capacity: 1);
        private ClientConnection[]? _snapshot;

        public bool IsEmpty => _members.Count == 0;

        public ClientConnection[] Members => _snapshot ??= [.. _members];

        public void Add(ClientConnection member)
        {
            _members.Add(member);
            _snapshot = null;
        }

        public void Remove(ClientConnection member)
        {
            _members.Remove(member);
            _snapshot = null;
        }
    }
}
