namespace Chasqui.Protocol;

/// <summary>A user has become a member of a group.</summary>
public sealed record MemberAdded : ServerEvent, IConversationEvent
{
    /// <inheritdoc/>
    public required ConversationId ConversationId { get; init; }

    /// <inheritdoc/>
    public required long Seq { get; init; }

    /// <summary>The new member.</summary>
    public required Member Member { get; init; }

    /// <summary>The member who added them.</summary>
    public required UserId AddedBy { get; init; }

    /// <summary>When: UTC, whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
