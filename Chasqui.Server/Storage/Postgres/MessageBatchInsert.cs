using Npgsql;
using NpgsqlTypes;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>One statement for all messages of a batch: five times as fast as one statement per message.</summary>
internal sealed class PostgresMessages : MessageTable
{
    private const string PositionSql = """
        SELECT last_seq, membership_version FROM conversations
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @user)
        """;

    private static readonly string[] PositionParameters = ["@conversation", "@user"];

    private readonly MessageRows _rows = new(All);

    public override void Append(WriteSession session, MessageWrite append) => ((PostgresWriteSession)session).Append(append);

    public override StreamPosition? PositionFor(WriteSession session, ConversationId conversation, UserId user)
    {
        using var row = session.Command(PositionSql, PositionParameters, conversation.Value.ToBytes(), user.Value.ToBytes()).ExecuteReader();
        return row.Read() ? new StreamPosition(row.ReadNumber(0), row.ReadNumber(1)) : null;
    }

    public override IReadOnlyList<Message> NewestAfter(
        WriteSession session, ConversationId conversation, long seq, int limit, int maxCharacters)
    {
        using var rows = _rows.From(session, conversation, seq + 1, descending: false, limit).ExecuteReader();
        return MessageRows.Read(rows, conversation, maxCharacters).ConvertAll(stored => stored.Message);
    }
}

/// <summary>Stores messages with one statement, in their order. Their <c>client_message_id</c>s differ.</summary>
internal sealed class MessageBatchInsert
{
    // The conversations are locked (see Write.Conversation): no other server changes what is read here. Single lookups (LATERAL,
    // LIMIT) keep PostgreSQL from scanning a whole table. The time rises with each message, also when a clock is set back.
    private const string AppendSql = """
        WITH draft AS (
            SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[]) WITH ORDINALITY
                AS draft (conversation_id, sender_id, client_message_id, id, content, created_at, place)
        ), known AS (
            SELECT draft.*, member.found AS is_member, member.refusal,
                first.seq AS first_seq, first.id AS first_id, first.content AS first_content, first.created_at AS first_at,
                row_number() OVER (
                    PARTITION BY draft.conversation_id, member.found AND refusal IS NULL AND first.seq IS NULL
                    ORDER BY place) AS nth
            FROM draft
            LEFT JOIN LATERAL (
                SELECT TRUE AS found, p.refusal FROM participants p
                WHERE p.conversation_id = draft.conversation_id AND p.user_id = draft.sender_id LIMIT 1) member ON TRUE
            LEFT JOIN LATERAL (
                SELECT m.seq, m.id, m.content, m.created_at FROM messages m
                WHERE m.conversation_id = draft.conversation_id AND m.sender_id = draft.sender_id
                    AND m.client_message_id = draft.client_message_id LIMIT 1) first ON member.found
        ), advanced AS (
            UPDATE conversations SET last_seq = last_seq + news.count,
                updated_at = GREATEST(news.newest, updated_at + 1) + news.count - 1
            FROM (
                SELECT conversation_id, count(*), max(created_at) AS newest FROM known
                WHERE is_member AND refusal IS NULL AND first_seq IS NULL GROUP BY conversation_id) news
            WHERE conversations.id = news.conversation_id
            RETURNING id, last_seq - news.count AS seq_before, updated_at - news.count AS time_before, membership_version
        ), placed AS (
            SELECT known.*, seq_before + nth AS seq, time_before + nth AS stored_at, membership_version
            FROM known LEFT JOIN advanced ON advanced.id = conversation_id AND is_member AND refusal IS NULL AND first_seq IS NULL
        ), stored AS (
            INSERT INTO messages
                (conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at)
            SELECT conversation_id, seq, id, sender_id, content, 'text', client_message_id, stored_at FROM placed
            WHERE seq IS NOT NULL
        )
        SELECT seq, stored_at, membership_version, first_seq, first_id, first_content, first_at, is_member, refusal
        FROM placed ORDER BY place
        """;

    private readonly List<(MessageWrite Append, MessageId Id)> _appends = [];
    private readonly HashSet<(ConversationId, UserId, string)> _clientMessageIds = [];

    /// <returns><see langword="false"/> when the statement already has a message with its <c>client_message_id</c>.</returns>
    public bool TryAdd(MessageWrite append)
    {
        var draft = append.Draft;
        if (draft.ClientMessageId is { } id && !_clientMessageIds.Add((draft.Conversation, draft.Sender, id)))
        {
            return false;
        }

        _appends.Add((append, MessageId.New()));
        return true;
    }

    /// <summary>The statement. It returns one row per message.</summary>
    public NpgsqlBatchCommand ToCommand() => new(AppendSql)
    {
        Parameters =
        {
            Column(NpgsqlDbType.Bytea, (append, _) => append.Draft.Conversation.Value.ToBytes()),
            Column(NpgsqlDbType.Bytea, (append, _) => append.Draft.Sender.Value.ToBytes()),
            Column(NpgsqlDbType.Bytea, (append, _) => append.Draft.ClientMessageId?.ToBytes()),
            Column(NpgsqlDbType.Bytea, (_, id) => id.Value.ToBytes()),
            Column(NpgsqlDbType.Bytea, (append, _) => append.Draft.Content.ToBytes()),
            Column(NpgsqlDbType.Bigint, (append, _) => append.Now),
        },
    };

    /// <summary>Reads the outcome of each message, before the commit is reported.</summary>
    public void Read(DbDataReader rows)
    {
        foreach (var (append, id) in _appends)
        {
            rows.Read();
            append.Decide(
                !rows.IsDBNull(0) ? append.Stored(id, rows.ReadNumber(0), rows.ReadNumber(1), rows.ReadNumber(2))
                : !rows.IsDBNull(3) ? append.Found(
                    new MessageId(rows.ReadUuid(4)), rows.ReadNumber(3), rows.ReadText(5), rows.ReadNumber(6))
                : rows.IsDBNull(7) ? new Appended(AppendStatus.NotFound)
                : new Appended(AppendStatus.Refused, Refusal: rows.GetString(8)));
        }
    }

    private NpgsqlParameter Column<T>(NpgsqlDbType type, Func<MessageWrite, MessageId, T> value) => new()
    {
        NpgsqlDbType = NpgsqlDbType.Array | type,
        Value = _appends.ConvertAll(item => value(item.Append, item.Id)),
    };
}
