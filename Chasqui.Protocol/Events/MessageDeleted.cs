namespace Chasqui.Protocol;

/// <summary>A message was deleted: its content, mentions and reactions are gone.</summary>
public sealed record MessageDeleted : ServerEvent, IConversationEvent
{
    /// <inheritdoc/>
    public required ConversationId ConversationId { get; init; }

    /// <inheritdoc/>
    public required long Seq { get; init; }

    /// <summary>The message.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>The sender, or the owner of the group.</summary>
    public required UserId DeletedBy { get; init; }

    /// <summary>When it was deleted: UTC, whole milliseconds.</summary>
    public required DateTimeOffset DeletedAt { get; init; }
}
