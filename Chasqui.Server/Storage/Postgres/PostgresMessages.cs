namespace Chasqui.Server.Storage.Postgres;

/// <summary>One statement for all messages of a batch: five times as fast as one statement per message.</summary>
internal sealed class PostgresMessages() : MessageTable(ReactionSql)
{
    private const string ReactionSql = "users || ':' || encode(user_id, 'hex') || convert_from(emoji, 'UTF8')";

    private static readonly string LastMessagesSql = $"""
        SELECT m.* FROM unnest(@ids) AS c (id) CROSS JOIN LATERAL (
            SELECT {MessageRows.Columns(ReactionSql)}, conversation_id FROM messages m
            WHERE m.conversation_id = c.id ORDER BY m.seq DESC LIMIT 1) AS m
        """;

    private static readonly string[] LastMessagesParameters = ["@ids"];

    private const string PositionSql = """
        SELECT last_seq, membership_version FROM conversations
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @user)
        """;

    // What happens to a message is no activity that moves the conversation in a list.
    private const string AdvanceSql = """
        UPDATE conversations SET last_seq = last_seq + 1,
            updated_at = CASE WHEN @moves THEN GREATEST(@now, updated_at + 1) ELSE updated_at END
        WHERE id = @conversation
        RETURNING last_seq, GREATEST(@now, updated_at), membership_version
        """;

    private static readonly string ChangeMessageSql = ChangeSql(All);

    private static readonly string[] PositionParameters = ["@conversation", "@user"];
    private static readonly string[] AdvanceParameters = ["@conversation", "@now", "@moves"];

    public override void Append(WriteSession session, MessageWrite append) => ((PostgresWriteSession)session).Append(append);

    public override StreamPosition? PositionFor(WriteSession session, ConversationId conversation, UserId user)
    {
        using var row = session.Command(
            PositionSql, PositionParameters, conversation.Value.ToBytes(), user.Value.ToBytes()).ExecuteReader();
        return row.Read() ? new StreamPosition(row.ReadNumber(0), row.ReadNumber(1)) : null;
    }

    public override IReadOnlyList<IConversationEvent> NewestAfter(
        WriteSession session, ConversationId conversation, long seq, int limit, int maxCharacters) =>
        EventsAfter(session, conversation, seq, limit, maxCharacters).ConvertAll(stored => stored.Event);

    public override CommittedEvent AppendEvent(
        WriteSession session, ConversationId conversation, EventRow row, DateTimeOffset now,
        (string Text, IReadOnlyList<UserId>? Mentions) content = default, Member? member = null)
    {
        long seq, createdAt, membershipVersion;
        using (var advanced = session.Command(
            AdvanceSql, AdvanceParameters, conversation.Value.ToBytes(), now.ToUnixTimeMilliseconds(), row.Message is null)
            .ExecuteReader())
        {
            advanced.Read();
            (seq, createdAt, membershipVersion) = (advanced.ReadNumber(0), advanced.ReadNumber(1), advanced.ReadNumber(2));
        }

        EventRows.Insert(session, conversation, row, seq, createdAt);
        return new CommittedEvent(
            row.ToEvent(conversation, seq, DateTimeOffset.FromUnixTimeMilliseconds(createdAt), content, member),
            membershipVersion);
    }

    public override ILookup<ConversationId, Message> LastMessages(
        Session session, IReadOnlyCollection<(ConversationId Id, long LastSeq)> conversations)
    {
        var ids = conversations.Select(conversation => conversation.Id.Value.ToBytes()).ToArray();
        using var rows = session.Command(LastMessagesSql, LastMessagesParameters, [ids]).ExecuteReader();
        var found = new List<Message>();
        while (rows.Read())
        {
            found.Add(MessageRows.ReadOne(rows, new ConversationId(rows.ReadUuid(MessageRows.ColumnCount))).Message!);
        }

        return found.ToLookup(message => message.ConversationId);
    }

    public override void Change(WriteSession session, StoredEvent before, Message after) =>
        RunChange(session, ChangeMessageSql, ChangeParameters, after);
}
