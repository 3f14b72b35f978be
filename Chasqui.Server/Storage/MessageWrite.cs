namespace Chasqui.Server.Storage;

/// <summary>A message that is not stored yet.</summary>
internal readonly record struct Draft(
    ConversationId Conversation, UserId Sender, string Content, string? ClientMessageId, MessageReference? ReplyTo = null,
    IReadOnlyList<UserId>? Mentions = null);

internal enum AppendStatus
{
    Stored,

    /// <summary>The <c>client_message_id</c> is already stored, with the same content.</summary>
    Duplicate,

    /// <summary>The <c>client_message_id</c> is already stored, with other content.</summary>
    Conflict,

    /// <summary>The conversation does not exist, or the sender is not a member.</summary>
    NotFound,

    /// <summary>The sender may not send to the direct conversation.</summary>
    Refused,
}

/// <summary>
/// The outcome, with the stored message (for a duplicate the first one) and the conversation's version at that time, or the error
/// code of the refusal.
/// </summary>
internal readonly record struct Appended(
    AppendStatus Status, NewMessage? Event = null, long MembershipVersion = 0, string? Refusal = null)
{
    public Message? Message => Event?.Message;
}

/// <summary>Stores one message: membership, <c>seq</c> and idempotency are decided inside the transaction.</summary>
internal abstract class MessageWrite(Draft draft, MessageTable table, TimeProvider clock) : Write
{
    private const int CharactersPerPage = 2048;

    public sealed override ConversationId? Conversation => draft.Conversation;

    public sealed override int Pages => 1 + (draft.Content.Length / CharactersPerPage);

    public Draft Draft => draft;

    /// <summary>
    /// When the message is written, in Unix milliseconds. Its own time is later if the conversation's last change is not earlier.
    /// </summary>
    public long Now { get; private set; }

    protected Appended Result { get; private set; }

    public sealed override void Execute(WriteSession session)
    {
        Now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        table.Append(session, this);
    }

    /// <summary>Called by the table before the commit is reported.</summary>
    public void Decide(in Appended result) => Result = result;

    public Appended Stored(MessageId id, long seq, long createdAt, long membershipVersion = 0) =>
        new(AppendStatus.Stored, ToEvent(id, seq, draft.Content, createdAt), membershipVersion);

    /// <summary>
    /// The result when the <c>client_message_id</c> is already stored. The first content of a message that was changed is not
    /// known any more.
    /// </summary>
    public Appended Found(Message stored) => stored.UpdatedSeq is not null || stored.Content == draft.Content
        ? new Appended(AppendStatus.Duplicate, new NewMessage { Message = stored })
        : new Appended(AppendStatus.Conflict);

    private NewMessage ToEvent(MessageId id, long seq, string content, long createdAt) => new()
    {
        Message = new Message
        {
            Id = id,
            ConversationId = draft.Conversation,
            SenderId = draft.Sender,
            Content = content,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(createdAt),
            Seq = seq,
            ReplyTo = draft.ReplyTo,
            Mentions = draft.Mentions,
        },
    };
}
