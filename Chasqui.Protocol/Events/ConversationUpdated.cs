namespace Chasqui.Protocol;

/// <summary>A member was added, was removed or has left, or the group has a new name; sent to the current members.</summary>
public sealed record ConversationUpdated : ServerEvent
{
    /// <summary>The conversation as it is now.</summary>
    public required Conversation Conversation { get; init; }
}
