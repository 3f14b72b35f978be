namespace Chasqui.Protocol;

/// <summary>A conversation was opened, or the receiver was added to one. It joins no connection.</summary>
public sealed record ConversationCreated : ServerEvent
{
    /// <summary>The conversation.</summary>
    public required Conversation Conversation { get; init; }
}
