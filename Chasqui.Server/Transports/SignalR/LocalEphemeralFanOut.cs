using Chasqui.Server.Presence;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>Where there are no other servers that could be reached.</summary>
internal sealed class LocalEphemeralFanOut(ChatLifetimeManager connections) : IEphemeralFanOut
{
    public int Send(Typing typing, IReadOnlyCollection<UserId> hiddenFrom) => connections.SendDroppable(
        connections.OptedInTo(typing.ConversationId)
            .Where(connection => connection.Credentials.User is var user && user != typing.UserId && !hiddenFrom.Contains(user)),
        nameof(IChatClient.Typing),
        typing);

    public int Send(PresenceChanged changed, IEnumerable<UserId> receivers) =>
        connections.SendDroppable(receivers.SelectMany(connections.OptedInOf), nameof(IChatClient.PresenceChanged), changed);

    public void Publish(EphemeralMessage message)
    {
        // There is no one to tell.
    }
}
