namespace Chasqui.Tests.Checker;

internal enum ReceivedKind
{
    /// <summary>Something that the checker does not look at.</summary>
    Other,
    Message,
    Ack,
    Error,
}

internal enum RequestKind
{
    None,
    Send,
    Join,
    Leave,
}

/// <summary>What a request was for; it is spelled into its <c>request_id</c>.</summary>
/// <param name="Kind">What was asked.</param>
/// <param name="Number">The number of a message, or the place of a conversation among the client's.</param>
internal readonly record struct Request(RequestKind Kind, int Number);

/// <summary>One message as somebody got it, live or as history.</summary>
internal readonly record struct Delivery(long Seq, Guid Id, MessageKey Key);

/// <summary>One event off a socket, raw or SignalR, with what the checker needs of it.</summary>
internal struct Received
{
    public ReceivedKind Kind;
    public Request Request;
    public Guid Conversation;
    public Guid Id;
    public long Seq;
    public MessageKey Key;
    public bool Duplicate;
    public bool? Replayed;
    public string? Code;

    public readonly Delivery ToDelivery() => new(Seq, Id, Key);
}
