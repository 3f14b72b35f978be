namespace Chasqui.Protocol;

/// <summary>Moves the read mark of the caller. A mark only moves forward.</summary>
public sealed record MarkRead : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Everything up to it is read; at most the newest <c>seq</c>.</summary>
    public required long Seq { get; init; }
}
