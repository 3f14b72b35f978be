namespace Chasqui.Protocol;

/// <summary>
/// A member has read up to an event; sent to the member's own connections, and to those that joined the conversation. It is no
/// part of the log: a client that was away finds the marks in the conversation. A message moves the mark of its sender without
/// this event.
/// </summary>
public sealed record ReadMarkMoved : ServerEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>The member.</summary>
    public required UserId UserId { get; init; }

    /// <summary>The newest event that the member has read. Only the greatest counts: marks may arrive in another order.</summary>
    public required long Seq { get; init; }
}
