namespace Chasqui.Protocol;

/// <summary>A member has read further; sent to the connections that have joined, and to the reader's own.</summary>
public sealed record ReadMarkMoved : ServerEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>The reader.</summary>
    public required UserId UserId { get; init; }

    /// <summary>Everything up to this <c>seq</c> is read; it only grows.</summary>
    public required long Seq { get; init; }
}
