using System.ComponentModel.DataAnnotations;

namespace Chasqui.Protocol;

/// <summary>Takes a reaction back. One that is not there causes nothing.</summary>
public sealed record Unreact : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>A message of it.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>
    /// One emoji: a single extended grapheme cluster with emoji presentation, at most <see cref="ChatLimits.MaxEmojiBytes"/>
    /// bytes.
    /// </summary>
    [StringLength(ChatLimits.MaxEmojiBytes, MinimumLength = 1)]
    public required string Emoji { get; init; }
}
