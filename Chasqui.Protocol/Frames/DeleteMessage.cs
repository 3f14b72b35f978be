namespace Chasqui.Protocol;

/// <summary>Deletes an own message, or as the owner of a group any of its messages. A deleted one stays deleted.</summary>
public sealed record DeleteMessage : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>A message of it.</summary>
    public required MessageId MessageId { get; init; }
}
