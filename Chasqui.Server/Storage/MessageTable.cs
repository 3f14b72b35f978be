namespace Chasqui.Server.Storage;

/// <summary>
/// Stores the events of conversations and knows where they stand: in SQLite from memory, since no other server writes; in
/// PostgreSQL with one statement for a batch of messages.
/// </summary>
internal abstract class MessageTable
{
    /// <summary>The view or table of all messages.</summary>
    public const string All = "messages";

    private const string LastSeqSql = "SELECT last_seq FROM conversations WHERE id = @conversation";
    private static readonly string[] LastSeqParameters = ["@conversation"];

    /// <param name="reaction">SQL for one row of reactions: the users, the user in hexadecimal and the emoji.</param>
    /// <param name="settled">
    /// The table in which a page of history stands together; the newest messages may not stand there yet.
    /// </param>
    protected MessageTable(string reaction, string settled = All)
    {
        Rows = [.. new[] { settled, All }.Distinct().Select(name => new MessageRows(name, reaction))];
        Events = new EventRows(settled);
    }

    /// <summary>Where messages are looked for, one after the other.</summary>
    public IReadOnlyList<MessageRows> Rows { get; }

    public EventRows Events { get; }

    /// <summary>Part of a write. <see cref="MessageWrite.Decide"/> is called before the commit is reported.</summary>
    public abstract void Append(WriteSession session, MessageWrite append);

    /// <summary>
    /// Part of a write: where a conversation stands, or <see langword="null"/> when the user is no member of it.
    /// </summary>
    public abstract StreamPosition? PositionFor(WriteSession session, ConversationId conversation, UserId user);

    /// <summary>Part of a write: what follows a <c>seq</c>, in order; none where it takes long to find.</summary>
    public abstract IReadOnlyList<IConversationEvent> NewestAfter(
        WriteSession session, ConversationId conversation, long seq, int limit, int maxCharacters);

    /// <summary>What follows a <c>seq</c>, in order and without a gap; some of it, where there is any.</summary>
    public List<StoredEvent> EventsAfter(Session session, ConversationId conversation, long seq, int limit, int maxCharacters)
    {
        var events = Events.From(
            session, conversation, seq + 1, limit, maxCharacters,
            message => Find(conversation)?.Find(message)?.Message ?? ReadOne(session, conversation, message)?.Message);
        foreach (var table in Rows)
        {
            using var rows = table.From(session, conversation, seq + 1, descending: false, limit).ExecuteReader();
            var messages = MessageRows.Read(rows, conversation, maxCharacters);
            var characters = 0;
            var dense = messages.Concat(events).OrderBy(stored => stored.Seq).Take(limit)
                .TakeWhile((stored, place) =>
                    stored.Seq == seq + 1 + place && ((characters += stored.Characters) <= maxCharacters || place == 0))
                .ToList();
            if (dense.Count > 0)
            {
                return dense;
            }
        }

        return [];
    }

    /// <summary>The newest message of each conversation that has one; for a write, those that were committed before it.</summary>
    public abstract ILookup<ConversationId, Message> LastMessages(
        Session session, IReadOnlyCollection<(ConversationId Id, long LastSeq)> conversations);

    /// <summary>The newest messages of a conversation, the newest first.</summary>
    public IReadOnlyList<StoredEvent> Newest(Session session, ConversationId conversation, long lastSeq, int limit)
    {
        if (Find(conversation)?.Messages(lastSeq, descending: true, limit, maxCharacters: int.MaxValue) is { Count: > 0 } atHand)
        {
            return atHand;
        }

        using var rows = Rows[0].From(session, conversation, lastSeq, descending: true, limit).ExecuteReader();
        return MessageRows.Read(rows, conversation, maxCharacters: int.MaxValue);
    }

    /// <summary>A message of the conversation; for a write, as its transaction sees it.</summary>
    public virtual StoredEvent? FindMessage(Session session, ConversationId conversation, MessageId message) =>
        session.Command(LastSeqSql, LastSeqParameters, conversation.Value.ToBytes()).ExecuteScalar() is long and > 0 and var last
            && MessageRows.Find(session, Rows[0].ByTimeSql, conversation, message.CreatedAt(), last).ExecuteScalar() is long seq
            && ReadOne(session, conversation, seq) is { } stored && stored.Message!.Id == message
            ? stored
            : null;

    /// <summary>Part of a write that has asked for the position: stores an event that is no message.</summary>
    /// <param name="session">The session.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="row">The event.</param>
    /// <param name="now">Its time is later if the conversation's last change is not earlier.</param>
    /// <param name="content">The new content of an edited message.</param>
    /// <param name="member">The user who was added.</param>
    public abstract CommittedEvent AppendEvent(
        WriteSession session, ConversationId conversation, EventRow row, DateTimeOffset now,
        (string Text, IReadOnlyList<UserId>? Mentions) content = default, Member? member = null);

    /// <summary>Part of a write: stores another state of a message, whose reactions stand in their table.</summary>
    public abstract void Change(WriteSession session, StoredEvent before, Message after);

    /// <summary>Whether <see cref="Find"/> finds conversations that a write has used.</summary>
    public virtual bool HasHeads => false;

    /// <summary>For any thread: what is known without a statement, if anything is.</summary>
    public virtual ConversationHead? Find(ConversationId conversation) => null;

    /// <summary>See <see cref="ConversationHead.Keep"/>.</summary>
    public virtual void Keep(ConversationHead head, IReadOnlyList<StoredEvent> page, int version)
    {
    }

    /// <summary>The parameters of <see cref="ChangeSql"/>.</summary>
    protected static string[] ChangeParameters { get; } =
        ["@content", "@mentions", "@updatedSeq", "@editedAt", "@deletedAt", "@conversation", "@seq"];

    protected static string ChangeSql(string table) => $"""
        UPDATE {table} SET content = CAST(@content AS utf8_text), mentions = @mentions, updated_seq = @updatedSeq,
            edited_at = @editedAt, deleted_at = @deletedAt
        WHERE conversation_id = @conversation AND seq = @seq
        """;

    protected static void RunChange(
        WriteSession session, string sql, string[] parameters, Message after, params ReadOnlySpan<object?> others) =>
        session.Command(
            sql, parameters,
            [
                after.Content.ToBytes(), UserIds.Write(after.Mentions), after.UpdatedSeq,
                after.EditedAt?.ToUnixTimeMilliseconds(), after.DeletedAt?.ToUnixTimeMilliseconds(),
                after.ConversationId.Value.ToBytes(), after.Seq, .. others,
            ]).ExecuteNonQuery();

    protected StoredEvent? ReadOne(Session session, ConversationId conversation, long seq)
    {
        using var rows = Rows[0].One(session, conversation, seq).ExecuteReader();
        return MessageRows.Read(rows, conversation, int.MaxValue).SingleOrDefault();
    }
}

/// <summary>An event that the running transaction stores, and the conversation's version at that time.</summary>
internal readonly record struct CommittedEvent(IConversationEvent Event, long MembershipVersion);
