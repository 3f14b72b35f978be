namespace Chasqui.Protocol;

/// <summary>
/// A frame was carried out; for a message: it is committed to disk. Hub methods return it; a raw client gets it for
/// frames with a <c>request_id</c>.
/// </summary>
public sealed record Ack : ServerEvent
{
    /// <summary>The <c>request_id</c> of the frame, if it had one.</summary>
    public string? RequestId { get; init; }

    /// <summary>The conversation that the request named.</summary>
    public ConversationId? ConversationId { get; init; }

    /// <summary>The stored message.</summary>
    public MessageId? MessageId { get; init; }

    /// <summary>
    /// Of a message: its place. Of a join: the newest <c>seq</c>; later messages are sent live, and the first of them
    /// may arrive before this answer.
    /// </summary>
    public long? Seq { get; init; }

    /// <summary>When the message was stored: UTC, whole milliseconds.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Of a message: whether its <c>client_message_id</c> had been stored before.</summary>
    public bool? Duplicate { get; init; }

    /// <summary>Of a join with <c>after</c>: whether everything from there to <see cref="Seq"/> was replayed.</summary>
    public bool? Replayed { get; init; }
}
