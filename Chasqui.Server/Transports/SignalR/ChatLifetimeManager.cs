using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// SignalR's own connections, with groups of its own, and what it does not offer: taking all connections of a user out of a
/// conversation. What it does is done when the returned task is; nothing here waits.
/// </summary>
internal sealed class ChatLifetimeManager(ConnectionRegistry open, ILogger<DefaultHubLifetimeManager<ChatHub>> logger)
    : DefaultHubLifetimeManager<ChatHub>(logger)
{
    private readonly LiveGroups _groups = new();
    private long _deliveries;

    /// <summary>Events that were handed to connections.</summary>
    public long Deliveries => Interlocked.Read(ref _deliveries);

    /// <summary>Conversations that any connection has joined.</summary>
    public int JoinedConversations => _groups.Count(GroupNames.IsConversation);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Features.Get<ClientConnection>()!.Hub = connection;
        _groups.Connect(connection);
        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _groups.Disconnect(connection);
        return base.OnDisconnectedAsync(connection);
    }

    public override Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        _groups.Add(connectionId, groupName);
        return Task.CompletedTask;
    }

    public override Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        _groups.Remove(connectionId, groupName);
        return Task.CompletedTask;
    }

    /// <summary>
    /// The way of the groups: SignalR's own waits for its lock where an answer is being written, and what is said to the group
    /// meanwhile would overtake it.
    /// </summary>
    public override Task SendConnectionAsync(
        string connectionId, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        if (_groups.Find(connectionId) is { } member)
        {
            Interlocked.Increment(ref _deliveries);
            member.Output.Send(member.Connection.Protocol.GetMessageBytes(new InvocationMessage(methodName, args)));
        }

        return Task.CompletedTask;
    }

    public override Task SendGroupAsync(
        string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        Send([groupName], methodName, args, []);
        return Task.CompletedTask;
    }

    public override Task SendGroupsAsync(
        IReadOnlyList<string> groupNames, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        Send(groupNames, methodName, args, []);
        return Task.CompletedTask;
    }

    public override Task SendGroupExceptAsync(
        string groupName, string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds,
        CancellationToken cancellationToken = default)
    {
        Send([groupName], methodName, args, excludedConnectionIds);
        return Task.CompletedTask;
    }

    /// <summary>Takes every connection of a user out of a conversation, and gives back the place that it had there.</summary>
    public void RemoveFromConversation(UserId user, ConversationId conversation)
    {
        foreach (var connection in open.Of(user))
        {
            if (connection.Hub is { } hub)
            {
                RemoveFromConversation(hub.ConnectionId, conversation);
            }
        }
    }

    /// <summary>The same for one connection.</summary>
    public void RemoveFromConversation(string connectionId, ConversationId conversation)
    {
        if (_groups.Find(connectionId) is { } member)
        {
            _groups.Remove(connectionId, GroupNames.Conversation(conversation));
            ControlOf(member).Session?.Joined.Remove(conversation);
        }
    }

    /// <summary>Whether a connection has joined a conversation.</summary>
    public bool IsIn(string connectionId, ConversationId conversation) =>
        _groups.IsIn(connectionId, GroupNames.Conversation(conversation));

    /// <summary>The connections that have joined a conversation, and whose they are.</summary>
    public IEnumerable<(string ConnectionId, UserId User)> In(ConversationId conversation) => _groups
        .Of(GroupNames.Conversation(conversation))
        .Select(member => (member.Connection.ConnectionId, ControlOf(member).Credentials.User));

    /// <summary>Whether any connection has joined a conversation.</summary>
    public bool IsAnybodyIn(ConversationId conversation) => _groups.Of(GroupNames.Conversation(conversation)).Length > 0;

    private static ClientConnection ControlOf(LiveGroups.Member member) => member.Connection.Features.Get<ClientConnection>()!;

    /// <summary>Encodes once for each protocol, and hands the same bytes to every output.</summary>
    private void Send(IReadOnlyList<string> groups, string method, object?[] args, IReadOnlyList<string> excluded)
    {
        var message = new SerializedHubMessage(new InvocationMessage(method, args));
        foreach (var group in groups)
        {
            IHubProtocol? protocol = null;
            ReadOnlyMemory<byte> bytes = default;
            var members = _groups.Of(group);
            Interlocked.Add(ref _deliveries, members.Length);
            foreach (var member in members)
            {
                if (excluded.Count > 0 && excluded.Contains(member.Connection.ConnectionId))
                {
                    continue;
                }

                if (protocol != member.Connection.Protocol)
                {
                    protocol = member.Connection.Protocol;
                    bytes = message.GetSerializedMessage(protocol);
                }

                member.Output.Send(bytes);
            }
        }
    }
}
