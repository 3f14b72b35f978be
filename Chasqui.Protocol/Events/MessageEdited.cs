namespace Chasqui.Protocol;

/// <summary>
/// The sender has changed the content of a message. A replay has the newest content, and none of a deleted message.
/// </summary>
public sealed record MessageEdited : ServerEvent, IConversationEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Its place among the durable events of the conversation, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>The message.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>The new content.</summary>
    public required string Content { get; init; }

    /// <summary>The members that the content mentions, in the order of their names in it; absent without one.</summary>
    public IReadOnlyList<UserId>? Mentions { get; init; }

    /// <summary>When it was changed: UTC, whole milliseconds.</summary>
    public required DateTimeOffset EditedAt { get; init; }
}
