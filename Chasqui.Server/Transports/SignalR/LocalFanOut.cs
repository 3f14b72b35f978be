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

    public void Publish(Message message, long membershipVersion)
    {
        _ = connections.SendGroupAsync(
            GroupNames.Conversation(message.ConversationId), nameof(IChatClient.NewMessage), [new NewMessage { Message = message }]);
        typing.OnMessage(message.ConversationId, message.SenderId);
    }

    public void Replay(string connectionId, Message message) =>
        _ = connections.SendConnectionAsync(connectionId, nameof(IChatClient.NewMessage), [new NewMessage { Message = message }]);

    public void Join(string connectionId, UserId user, ConversationId conversation, StreamPosition position) =>
        _ = connections.AddToGroupAsync(connectionId, GroupNames.Conversation(conversation));

    public void Leave(string connectionId, ConversationId conversation) =>
        _ = connections.RemoveFromGroupAsync(connectionId, GroupNames.Conversation(conversation));

    public void Remove(UserId user, ConversationId conversation, long membershipVersion) =>
        connections.RemoveFromConversation(user, conversation);

    public void Created(Conversation conversation, IEnumerable<UserId> receivers) => _ = connections.SendGroupsAsync(
        [.. receivers.Select(GroupNames.User)], nameof(IChatClient.ConversationCreated),
        [new ConversationCreated { Conversation = conversation }]);

    public void Updated(Conversation conversation, IEnumerable<UserId> receivers) => _ = connections.SendGroupsAsync(
        [.. receivers.Select(GroupNames.User)], nameof(IChatClient.ConversationUpdated),
        [new ConversationUpdated { Conversation = conversation }]);
}
