namespace Chasqui.Server.Storage;

/// <summary>
/// Stores messages and knows where conversations stand: in SQLite from memory, since no other server writes; in PostgreSQL with one
/// statement for a batch.
/// </summary>
internal abstract class MessageTable
{
    /// <summary>The view or table of all messages.</summary>
    public const string All = "messages";

    /// <summary>The table in which a page of history stands together; the newest messages may not stand there yet.</summary>
    public virtual string Settled => All;

    /// <summary>Part of a write. <see cref="MessageWrite.Decide"/> is called before the commit is reported.</summary>
    public abstract void Append(WriteSession session, MessageWrite append);

    /// <summary>Part of a write: where a conversation stands, or <see langword="null"/> when the user is no member of it.</summary>
    public abstract StreamPosition? PositionFor(WriteSession session, ConversationId conversation, UserId user);

    /// <summary>Part of a write: what follows a <c>seq</c>, in order; none where it takes long to find.</summary>
    public abstract IReadOnlyList<Message> NewestAfter(
        WriteSession session, ConversationId conversation, long seq, int limit, int maxCharacters);

    /// <summary>Whether <see cref="Find"/> finds conversations that a write has used.</summary>
    public virtual bool HasHeads => false;

    /// <summary>For any thread: what is known without a statement, if anything is.</summary>
    public virtual ConversationHead? Find(ConversationId conversation) => null;

    /// <summary>See <see cref="ConversationHead.Keep"/>.</summary>
    public virtual void Keep(ConversationHead head, IReadOnlyList<StoredMessage> page)
    {
    }
}
