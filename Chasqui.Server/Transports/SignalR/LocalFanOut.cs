using Chasqui.Server.Delivery;
using Chasqui.Server.Presence;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// Sends to this server's connections. Where the server owns its database, the writer's order is the order of each conversation.
/// </summary>
internal sealed class LocalFanOut(ChatLifetimeManager connections, TypingMembers typing) : IFanOut
{
    public IDisposable? Expect(ConversationId conversation) => null;

    public void Publish(IConversationEvent committed, long membershipVersion)
    {
        _ = connections.SendGroupAsync(
            GroupNames.Conversation(committed.ConversationId), committed.GetType().Name, [committed]);
        if (committed is NewMessage { Message: var message })
        {
            typing.OnMessage(message.ConversationId, message.SenderId);
        }
    }

    public void Replay(string connectionId, IConversationEvent earlier) =>
        _ = connections.SendConnectionAsync(connectionId, earlier.GetType().Name, [earlier]);

    public void Join(string connectionId, UserId user, ConversationId conversation, StreamPosition position) =>
        _ = connections.AddToGroupAsync(connectionId, GroupNames.Conversation(conversation));

    public void Leave(string connectionId, ConversationId conversation) =>
        _ = connections.RemoveFromGroupAsync(connectionId, GroupNames.Conversation(conversation));

    public void Remove(UserId user, ConversationId conversation, long membershipVersion) =>
        connections.RemoveFromConversation(user, conversation);

    public void Removed(UserId user, ConversationRemoved removed) =>
        _ = connections.SendGroupAsync(GroupNames.User(user), nameof(IChatClient.ConversationRemoved), [removed]);

    public void Created(Conversation conversation, IEnumerable<UserId> receivers) => _ = connections.SendGroupsAsync(
        [.. receivers.Select(GroupNames.User)], nameof(IChatClient.ConversationCreated),
        [new ConversationCreated { Conversation = conversation }]);

    public void Marked(ReadMarkMoved moved) => connections.SendDroppable(
        connections.OptedInTo(moved.ConversationId).Union(connections.OptedInOf(moved.UserId)),
        nameof(IChatClient.ReadMarkMoved),
        moved);

    public void Updated(Conversation conversation, IEnumerable<UserId> receivers) => _ = connections.SendGroupsAsync(
        [.. receivers.Select(GroupNames.User)], nameof(IChatClient.ConversationUpdated),
        [new ConversationUpdated { Conversation = conversation }]);
}
