namespace Chasqui.Protocol;

/// <summary>
/// Says that the caller types, or stops. A client repeats it every few seconds while its user types: the server ends it after 6
/// seconds, with a message of the user, and with the connection. It passes on one change a second per connection and
/// conversation.
/// </summary>
public sealed record SetTyping : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Whether the caller types.</summary>
    public required bool Active { get; init; }
}
