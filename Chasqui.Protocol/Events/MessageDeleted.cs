namespace Chasqui.Protocol;

/// <summary>A message was deleted: its content, mentions and reactions are gone.</summary>
public sealed record MessageDeleted : ServerEvent, IConversationEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Its place among the durable events of the conversation, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>The message.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>The sender, or the owner of the group.</summary>
    public required UserId DeletedBy { get; init; }

    /// <summary>When it was deleted: UTC, whole milliseconds.</summary>
    public required DateTimeOffset DeletedAt { get; init; }
}
