namespace Chasqui.Protocol;

/// <summary>Ends what <see cref="Join"/> started, for this connection; the user stays a member.</summary>
public sealed record Leave : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }
}
