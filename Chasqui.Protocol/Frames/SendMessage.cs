using System.ComponentModel.DataAnnotations;

namespace Chasqui.Protocol;

/// <summary>Sends a message to a conversation. The sender need not have joined it.</summary>
public sealed record SendMessage : ClientFrame
{
    /// <summary>A conversation that the caller is a member of.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>Not blank, at most <see cref="ChatLimits.MaxContentCharacters"/> Unicode scalar values.</summary>
    [StringLength(ChatLimits.MaxContentCharacters, MinimumLength = 1)]
    public required string Content { get; init; }

    /// <summary>
    /// 1 to <see cref="ChatLimits.MaxClientIdCharacters"/> characters, unique per sender and conversation, without a time limit.
    /// A second message with the same id stores nothing; its answer names the first message.
    /// </summary>
    [StringLength(ChatLimits.MaxClientIdCharacters, MinimumLength = 1)]
    public string? ClientMessageId { get; init; }

    /// <summary>A message of the same conversation that this one answers.</summary>
    public MessageId? ReplyTo { get; init; }
}
