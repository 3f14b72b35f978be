namespace Chasqui.Protocol;

/// <summary>A stored chat message, as it is now.</summary>
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

    /// <summary>Its place among the durable events of the conversation, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>When its content was last changed; absent if it never was.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>When it was deleted; absent otherwise. The content of a deleted message is empty.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The message that it answers; absent without one.</summary>
    public MessageReference? ReplyTo { get; init; }

    /// <summary>The members whom it mentions (<c>@Name</c>), in the order of their names in it; absent without one.</summary>
    public IReadOnlyList<UserId>? Mentions { get; init; }

    /// <summary>The reactions to it, in the order of their first use; absent without one.</summary>
    public IReadOnlyList<Reaction>? Reactions { get; init; }

    /// <summary>
    /// The <c>seq</c> of the newest event that has changed it; absent without one. A client ignores older events about it: this
    /// state holds them.
    /// </summary>
    public long? UpdatedSeq { get; init; }
}

/// <summary>Another message of the same conversation.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Seq">Its place.</param>
public sealed record MessageReference(MessageId Id, long Seq);

/// <summary>One emoji under a message.</summary>
/// <param name="Emoji">The emoji, at most 32 bytes.</param>
/// <param name="Count">How many members reacted with it.</param>
/// <param name="UserIds">The first 20 of them.</param>
public sealed record Reaction(string Emoji, int Count, IReadOnlyList<UserId> UserIds);

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
