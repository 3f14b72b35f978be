namespace Chasqui.Protocol;

/// <summary>A user has become a member of a group.</summary>
public sealed record MemberAdded : ServerEvent, IConversationEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Its place among the durable events of the conversation, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>The new member.</summary>
    public required Member Member { get; init; }

    /// <summary>The member who added them.</summary>
    public required UserId AddedBy { get; init; }

    /// <summary>When: UTC, whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
