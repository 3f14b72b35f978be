using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>What one server that has its database to itself says: its writer's order is everybody's order.</summary>
internal sealed class LocalFanOut(
    IHubContext<ChatHub, IChatClient> hub, ChatLifetimeManager connections, ILogger<LocalFanOut> logger) : IFanOut
{
    public IDisposable? Expect(ConversationId conversation) => null;

    public void Publish(Message message, long membershipVersion) =>
        Send(hub.Clients.Group(GroupNames.Conversation(message.ConversationId)).NewMessage(new NewMessage { Message = message }));

    public void Replay(string connectionId, Message message) =>
        Send(hub.Clients.Client(connectionId).NewMessage(new NewMessage { Message = message }));

    public void Join(string connectionId, UserId user, ConversationId conversation, StreamPosition position) =>
        Send(connections.AddToGroupAsync(connectionId, GroupNames.Conversation(conversation)));

    public void Leave(string connectionId, ConversationId conversation) =>
        Send(connections.RemoveFromGroupAsync(connectionId, GroupNames.Conversation(conversation)));

    public void Remove(UserId user, ConversationId conversation, long membershipVersion) =>
        connections.RemoveFromConversation(user, conversation);

    public void Created(Conversation conversation, IEnumerable<UserId> receivers) =>
        Send(hub.Clients.Groups([.. receivers.Select(GroupNames.User)])
            .ConversationCreated(new ConversationCreated { Conversation = conversation }));

    public void Updated(Conversation conversation, IEnumerable<UserId> receivers) =>
        Send(hub.Clients.Groups([.. receivers.Select(GroupNames.User)])
            .ConversationUpdated(new ConversationUpdated { Conversation = conversation }));

    private void Send(Task sending)
    {
        if (!sending.IsCompletedSuccessfully)
        {
            _ = LogFailureAsync(sending);
        }
    }

    private async Task LogFailureAsync(Task sending)
    {
        try
        {
            await sending;
        }
#pragma warning disable CA1031 // One broadcast that fails must not keep the next from going out.
        catch (Exception e)
#pragma warning restore CA1031
        {
            DeliveryLog.FanOutFailed(logger, e);
        }
    }
}
