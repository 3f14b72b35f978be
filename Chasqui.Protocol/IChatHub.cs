namespace Chasqui.Protocol;

/// <summary>What a SignalR client can invoke. A refusal is a <c>HubException</c>; see <see cref="Error.FromHubText"/>.</summary>
public interface IChatHub
{
    /// <summary>Starts the live messages of a conversation on this connection.</summary>
    Task<Ack> Join(Join frame);

    /// <summary>Stops them.</summary>
    Task<Ack> Leave(Leave frame);

    /// <summary>Stores a message and sends it to all joined connections.</summary>
    Task<Ack> SendMessage(SendMessage frame);
}
