namespace Chasqui.Protocol;

/// <summary>A stored chat message. It never changes.</summary>
public record Message
{
    /// <summary>The only <see cref="MessageType"/> there is today.</summary>
    public const string TextType = "text";

    /// <summary>The message's id; the server assigns it.</summary>
    public required MessageId Id { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>The sender.</summary>
    public required UserId SenderId { get; init; }

    /// <summary>
    /// The text: not blank, at most <see cref="ChatLimits.MaxContentCharacters"/> characters, kept byte for byte.
    /// </summary>
    public required string Content { get; init; }

    /// <summary>Always <c>text</c> today.</summary>
    public string MessageType { get; init; } = TextType;

    /// <summary>When the server stored it: UTC, whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its place in the conversation: from 1, without gaps, in the same order for all members.</summary>
    public required long Seq { get; init; }
}

/// <summary>The answer to sending over REST.</summary>
public sealed record SentMessage : Message
{
    /// <summary>Wraps the stored message.</summary>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public SentMessage(Message message)
        : base(message)
    {
    }

    /// <summary>Whether its <c>client_message_id</c> had been stored before; absent if none was sent.</summary>
    public bool? Duplicate { get; init; }
}
