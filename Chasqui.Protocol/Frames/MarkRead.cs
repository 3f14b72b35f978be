namespace Chasqui.Protocol;

/// <summary>
/// Says how far the caller has read. A mark only moves forward: an earlier place changes nothing, and the <c>Ack</c> says that it
/// is a duplicate. Sending a message moves the sender's own mark to it.
/// </summary>
public sealed record MarkRead : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>The newest event that the caller has read; at most the newest of the conversation.</summary>
    public required long Seq { get; init; }
}
