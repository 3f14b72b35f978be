namespace Chasqui.Protocol;

/// <summary>Somebody was added to a conversation or left it; sent to those who are members now.</summary>
public sealed record ConversationUpdated : ServerEvent
{
    /// <summary>The conversation as it is now.</summary>
    public required Conversation Conversation { get; init; }
}
