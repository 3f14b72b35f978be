namespace Chasqui.Protocol;

/// <summary>
/// A member types, or no longer does; sent to the connections that joined the conversation, except those of the member. It is
/// dropped rather than queued for a slow connection: a client ends what was not repeated for 7 seconds.
/// </summary>
public sealed record Typing : ServerEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>The member.</summary>
    public required UserId UserId { get; init; }

    /// <summary>Whether the member types.</summary>
    public required bool Active { get; init; }
}
