namespace Chasqui.Protocol;

/// <summary>A member has taken a reaction back.</summary>
public sealed record ReactionRemoved : ServerEvent, IConversationEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Its place among the durable events of the conversation, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>The message.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>The member.</summary>
    public required UserId UserId { get; init; }

    /// <summary>One emoji, at most 32 bytes.</summary>
    public required string Emoji { get; init; }

    /// <summary>When: UTC, whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
