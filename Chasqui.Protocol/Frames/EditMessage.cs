using System.ComponentModel.DataAnnotations;

namespace Chasqui.Protocol;

/// <summary>Changes the content of an own message. The same content causes nothing.</summary>
public sealed record EditMessage : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>A message of it.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>As in <see cref="SendMessage"/>.</summary>
    [StringLength(ChatLimits.MaxContentCharacters, MinimumLength = 1)]
    public required string Content { get; init; }
}
