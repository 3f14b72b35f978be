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

    /// <summary>Changes the content of an own message.</summary>
    Task<Ack> EditMessage(EditMessage frame);

    /// <summary>Deletes a message.</summary>
    Task<Ack> DeleteMessage(DeleteMessage frame);

    /// <summary>Reacts to a message.</summary>
    Task<Ack> React(React frame);

    /// <summary>Takes a reaction back.</summary>
    Task<Ack> Unreact(Unreact frame);

    /// <summary>Says how far the caller has read.</summary>
    Task<Ack> MarkRead(MarkRead frame);

    /// <summary>Says that the caller types, or stops.</summary>
    Task<Ack> SetTyping(SetTyping frame);

    /// <summary>Says whether the user of this connection is there.</summary>
    Task<Ack> SetPresence(SetPresence frame);
}
