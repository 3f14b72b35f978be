namespace Chasqui.Protocol;

/// <summary>A group has a new name.</summary>
public sealed record ConversationRenamed : ServerEvent, IConversationEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Its place among the durable events of the conversation, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>The new name.</summary>
    public required string Name { get; init; }

    /// <summary>The member who renamed it.</summary>
    public required UserId RenamedBy { get; init; }

    /// <summary>When: UTC, whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
