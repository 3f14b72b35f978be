namespace Chasqui.Protocol;

/// <summary>Stops what <see cref="Join"/> began, for this connection; membership stays.</summary>
public sealed record Leave : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }
}
