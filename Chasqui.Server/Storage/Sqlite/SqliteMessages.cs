namespace Chasqui.Server.Storage.Sqlite;

/// <summary>Decides about a message in memory, and stores it with one statement.</summary>
internal sealed class SqliteMessages(ConversationHeads heads) : MessageTable
{
    private const string FindSql = """
        SELECT id, content, created_at, seq FROM settled_messages
        WHERE conversation_id = @conversation AND sender_id = @sender AND client_message_id = @clientMessageId
        """;

    private const string InsertSql = """
        INSERT INTO recent_messages
            (position, conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at)
        VALUES (@position, @conversation, @seq, @id, @sender, @content, 'text', @clientMessageId, @createdAt)
        """;

    public override string Settled => "settled_messages";

    public override bool HasHeads => true;

    public override void Append(WriteSession session, MessageWrite append) =>
        append.Decide(Append((SqliteWriteSession)session, append));

    public override StreamPosition? PositionFor(WriteSession session, ConversationId conversation, UserId user) =>
        heads.Load((SqliteWriteSession)session, conversation) is { Membership: { } membership } head
            && membership.Refusals.ContainsKey(user)
            ? new StreamPosition(head.LastSeq, membership.Version)
            : null;

    public override IReadOnlyList<Message> NewestAfter(
        WriteSession session, ConversationId conversation, long seq, int limit, int maxCharacters) =>
        heads.Find(conversation)?.FromUncommitted(seq + 1, limit, maxCharacters).ConvertAll(stored => stored.Message) ?? [];

    public override ConversationHead? Find(ConversationId conversation) => heads.Find(conversation);

    public override void Keep(ConversationHead head, IReadOnlyList<StoredMessage> page) => heads.Keep(head, page);

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
        var (id, seq, createdAt) = (MessageId.New(), head.LastSeq + 1, Math.Max(append.Now, head.UpdatedAt + 1));
        var position = heads.NextPosition();
        session.Statement(InsertSql)
            .Bind(1, position).Bind(2, draft.Conversation.Value).Bind(3, seq).Bind(4, id.Value).Bind(5, draft.Sender.Value)
            .Bind(6, draft.Content).Bind(7, draft.ClientMessageId).Bind(8, createdAt)
            .Run();
        var stored = append.Stored(id, seq, createdAt);
        heads.Append(head, new StoredMessage(stored.Message!, draft.ClientMessageId, position));
        return stored;
    }

    private static Appended? FindFirst(SqliteWriteSession session, ConversationHead head, MessageWrite append, string clientMessageId)
    {
        var draft = append.Draft;
        if (head.FindUnsettled(draft.Sender, clientMessageId) is { Message: var first })
        {
            return append.Found(first.Id, first.Seq, first.Content, first.CreatedAt.ToUnixTimeMilliseconds());
        }

        Appended? found = null;
        session.Statement(FindSql).Bind(1, draft.Conversation.Value).Bind(2, draft.Sender.Value).Bind(3, clientMessageId)
            .Run(row => found = append.Found(new MessageId(row.Uuid(0)), row.Number(3), row.Text(1)!, row.Number(2)));
        return found;
    }
}
