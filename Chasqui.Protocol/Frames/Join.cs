namespace Chasqui.Protocol;

/// <summary>Asks for every <see cref="NewMessage"/> of a conversation from now on, and for missed messages.</summary>
public sealed record Join : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>
    /// The newest <c>seq</c> that the client has, 0 for none: later messages are replayed before the live ones. If more than <see
    /// cref="ChatLimits.MaxReplayedMessages"/> messages are missing, or the number is above the newest, nothing is replayed and
    /// the <see cref="Ack"/> says so.
    /// </summary>
    public long? After { get; init; }
}
