using Chasqui.Protocol;
using Chasqui.Server.Hubs;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Delivery;

/// <summary>
/// SignalR's own connections and groups, and what it does not offer: taking all connections of a user out of a conversation.
/// What it does is done when the returned task is; nothing here waits.
/// </summary>
internal sealed class ChatLifetimeManager(OpenConnections open, ILogger<DefaultHubLifetimeManager<ChatHub>> logger)
    : DefaultHubLifetimeManager<ChatHub>(logger)
{
    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Features.Get<ConnectionControl>()!.Hub = connection;
        return base.OnConnectedAsync(connection);
    }

    /// <summary>Takes every connection of a user out of a conversation, and gives back the place that it had there.</summary>
    public void RemoveFromConversation(UserId user, ConversationId conversation)
    {
        foreach (var connection in open.Of(user).Select(connection => connection.Hub).OfType<HubConnectionContext>())
        {
            _ = RemoveFromGroupAsync(connection.ConnectionId, GroupNames.Conversation(conversation));
            HubSession.Of(connection)?.Joined.Remove(conversation);
        }
    }
}
