namespace Chasqui.Protocol;

/// <summary>A member has left a group or was removed.</summary>
public sealed record MemberRemoved : ServerEvent, IConversationEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Its place among the durable events of the conversation, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>The former member.</summary>
    public required UserId UserId { get; init; }

    /// <summary>The owner, or the user: they have left.</summary>
    public required UserId RemovedBy { get; init; }

    /// <summary>When: UTC, whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
