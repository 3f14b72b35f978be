namespace Chasqui.Server.Storage.Sqlite;

/// <summary>Decides about a message in memory, and stores it with one statement.</summary>
internal sealed class SqliteMessages(ConversationHeads heads)
    : MessageTable(ReactionSql, settled: "settled_messages")
{
    /// <summary>See <see cref="MessageRows"/>.</summary>
    public const string ReactionSql = "users || ':' || hex(user_id) || emoji";

    private const string FindSql = """
        SELECT seq FROM settled_messages
        WHERE conversation_id = @conversation AND sender_id = @sender AND client_message_id = @clientMessageId
        """;

    private const string InsertSql = """
        INSERT INTO recent_messages
            (position, conversation_id, seq, number, id, sender_id, content, client_message_id, created_at)
        VALUES (@position, @conversation, @seq, @number, @id, @sender, @content, @clientMessageId, @createdAt)
        """;

    private const string AddSql = """
        UPDATE recent_messages SET reply_to = @replyTo, reply_to_seq = @replyToSeq, mentions = @mentions
        WHERE position = @position
        """;

    private static readonly string[] AddParameters = ["@replyTo", "@replyToSeq", "@mentions", "@position"];

    private static readonly string ChangeSettledSql = ChangeSql("settled_messages");

    // The position finds the row; the table has no index.
    private static readonly string ChangeRecentSql = ChangeSql("recent_messages") + " AND position = @position";

    private static readonly string[] ChangeRecentParameters = [.. ChangeParameters, "@position"];

    private readonly MessageRows _recent = new("recent_messages", ReactionSql);

    public override bool HasHeads => true;

    public override void Append(WriteSession session, MessageWrite append) =>
        append.Decide(Append((SqliteWriteSession)session, append));

    public override StreamPosition? PositionFor(WriteSession session, ConversationId conversation, UserId user) =>
        heads.Load((SqliteWriteSession)session, conversation) is { Membership: { } membership } head
            && membership.Refusals.ContainsKey(user)
            ? new StreamPosition(head.LastSeq, membership.Version)
            : null;

    public override IReadOnlyList<IConversationEvent> NewestAfter(
        WriteSession session, ConversationId conversation, long seq, int limit, int maxCharacters) =>
        heads.Find(conversation)?.UncommittedEvents(seq + 1, limit, maxCharacters).ConvertAll(stored => stored.Event) ?? [];

    public override StoredEvent? FindMessage(Session session, ConversationId conversation, MessageId message) =>
        heads.Find(conversation)?.Find(message, committedOnly: session is not WriteSession)
            ?? base.FindMessage(session, conversation, message);

    public override CommittedEvent AppendEvent(
        WriteSession session, ConversationId conversation, EventRow row, DateTimeOffset now,
        (string Text, IReadOnlyList<UserId>? Mentions) content = default, Member? member = null)
    {
        var head = heads.Load((SqliteWriteSession)session, conversation)!;
        // What happens to a message is no activity that moves the conversation in a list.
        var (seq, createdAt) = (head.LastSeq + 1, Math.Max(now.ToUnixTimeMilliseconds(), head.UpdatedAt + 1));
        EventRows.Insert(session, conversation, row, seq, createdAt);
        var added = row.ToEvent(conversation, seq, DateTimeOffset.FromUnixTimeMilliseconds(createdAt), content, member);
        heads.Append(head, new StoredEvent(added, head.MessageCount), row.Message is null ? createdAt : head.UpdatedAt);
        return new CommittedEvent(added, head.Membership!.Version);
    }

    public override ILookup<ConversationId, Message> LastMessages(
        Session session, IReadOnlyCollection<(ConversationId Id, long LastSeq)> conversations) => conversations
            .SelectMany(conversation => Newest(session, conversation.Id, conversation.LastSeq, limit: 1))
            .ToLookup(newest => newest.Message!.ConversationId, newest => newest.Message!);

    public override ConversationHead? Find(ConversationId conversation) => heads.Find(conversation);

    public override void Keep(ConversationHead head, IReadOnlyList<StoredEvent> page, int version) =>
        heads.Keep(head, page, version);

    public override void Change(WriteSession session, StoredEvent before, Message after)
    {
        if (before.Position == 0)
        {
            RunChange(session, ChangeSettledSql, ChangeParameters, after);
        }
        else
        {
            RunChange(session, ChangeRecentSql, ChangeRecentParameters, after, before.Position);
        }

        // With its reactions as they are now.
        using var rows = (before.Position == 0
            ? Rows[0].One(session, after.ConversationId, after.Seq)
            : _recent.OneAt(session, after.ConversationId, before.Position)).ExecuteReader();
        var changed = MessageRows.Read(rows, after.ConversationId, int.MaxValue)[0].Message!;
        heads.Find(after.ConversationId)!.Change(before.With(changed));
    }

    private Appended Append(SqliteWriteSession session, MessageWrite append)
    {
        var draft = append.Draft;
        // Removed members get not_found, also for a message of their own.
        if (heads.Load(session, draft.Conversation) is not { Membership: { } membership } head
            || !membership.Refusals.TryGetValue(draft.Sender, out var refusal))
        {
            return new Appended(AppendStatus.NotFound);
        }

        if (draft.ClientMessageId is { } clientMessageId && FindFirst(session, head, append, clientMessageId) is { } first)
        {
            return first;
        }

        if (refusal is not null)
        {
            return new Appended(AppendStatus.Refused, Refusal: refusal);
        }

        // The time rises with each message, also when the clock is set back.
        var (seq, number, createdAt) = (head.LastSeq + 1, head.MessageCount + 1, Math.Max(append.Now, head.UpdatedAt + 1));
        var (id, position) = (MessageId.New(createdAt), heads.NextPosition());
        session.Statement(InsertSql)
            .Bind(1, position).Bind(2, draft.Conversation.Value).Bind(3, seq).Bind(4, number).Bind(5, id.Value)
            .Bind(6, draft.Sender.Value).Bind(7, draft.Content).Bind(8, draft.ClientMessageId).Bind(9, createdAt)
            .Run();
        if (draft.ReplyTo is not null || draft.Mentions is not null)
        {
            session.Command(
                AddSql, AddParameters,
                draft.ReplyTo?.Id.Value.ToBytes(), draft.ReplyTo?.Seq, UserIds.Write(draft.Mentions), position).ExecuteNonQuery();
            ReadMarks.Mention(session, draft.Conversation, seq, draft.Sender, before: null, draft.Mentions);
        }

        var stored = append.Stored(id, seq, createdAt);
        heads.Append(head, new StoredEvent(stored.Event!, number, draft.ClientMessageId, position), createdAt);
        return stored;
    }

    private Appended? FindFirst(SqliteWriteSession session, ConversationHead head, MessageWrite append, string clientMessageId)
    {
        var draft = append.Draft;
        if (head.FindUnsettled(draft.Sender, clientMessageId) is { Message: { } first })
        {
            return append.Found(first);
        }

        long? seq = null;
        session.Statement(FindSql).Bind(1, draft.Conversation.Value).Bind(2, draft.Sender.Value).Bind(3, clientMessageId)
            .Run(row => seq = row.Number(0));
        return seq is { } known && ReadOne(session, draft.Conversation, known)?.Message is { } settled
            ? append.Found(settled)
            : null;
    }
}
