using Npgsql;
using NpgsqlTypes;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>Stores messages with one statement, in their order. Their <c>client_message_id</c>s differ.</summary>
internal sealed class MessageBatchInsert
{
    // The conversations are locked (see Write.Conversation): no other server changes what is read here. Single lookups (LATERAL,
    // LIMIT) keep PostgreSQL from scanning a whole table. The time rises with each message, also when a clock is set back.
    private const string AppendSql = """
        WITH draft AS (
            SELECT * FROM unnest(
                $1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bytea[], $8::bigint[],
                $9::bytea[])
                WITH ORDINALITY AS draft (
                    conversation_id, sender_id, client_message_id, id, content, created_at, reply_to, reply_to_seq, mentions,
                    place)
        ), known AS (
            SELECT draft.*, member.found AS is_member, member.refusal,
                first.seq AS first_seq, first.id AS first_id, first.content AS first_content, first.created_at AS first_at,
                first.updated_seq AS first_updated_seq, first.reply_to AS first_reply_to,
                first.reply_to_seq AS first_reply_to_seq,
                first.mentions AS first_mentions, first.edited_at AS first_edited_at, first.deleted_at AS first_deleted_at,
                row_number() OVER (
                    PARTITION BY draft.conversation_id, member.found AND refusal IS NULL AND first.seq IS NULL
                    ORDER BY place) AS nth
            FROM draft
            LEFT JOIN LATERAL (
                SELECT TRUE AS found, p.refusal FROM participants p
                WHERE p.conversation_id = draft.conversation_id AND p.user_id = draft.sender_id LIMIT 1) member ON TRUE
            LEFT JOIN LATERAL (
                SELECT * FROM messages m
                WHERE m.conversation_id = draft.conversation_id AND m.sender_id = draft.sender_id
                    AND m.client_message_id = draft.client_message_id LIMIT 1) first ON member.found
        ), advanced AS (
            UPDATE conversations SET last_seq = last_seq + news.count, message_count = message_count + news.count,
                updated_at = GREATEST(news.newest, updated_at + 1) + news.count - 1
            FROM (
                SELECT conversation_id, count(*), max(created_at) AS newest FROM known
                WHERE is_member AND refusal IS NULL AND first_seq IS NULL GROUP BY conversation_id) news
            WHERE conversations.id = news.conversation_id
            RETURNING id AS conversation, last_seq - news.count AS seq_before, message_count - news.count AS number_before,
                updated_at - news.count AS time_before, membership_version
        ), placed AS (
            SELECT known.*, seq_before + nth AS seq, number_before + nth AS number, time_before + nth AS stored_at,
                membership_version,
                substring(int8send(time_before + nth) FROM 3) || substring(id FROM 7) AS timed_id
            FROM known LEFT JOIN advanced
                ON advanced.conversation = conversation_id AND is_member AND refusal IS NULL AND first_seq IS NULL
        ), stored AS (
            INSERT INTO messages
                (conversation_id, seq, number, id, sender_id, content, client_message_id, created_at, reply_to, reply_to_seq,
                mentions)
            SELECT conversation_id, seq, number, timed_id, sender_id, content, client_message_id, stored_at, reply_to,
                reply_to_seq, mentions
            FROM placed
            WHERE seq IS NOT NULL
        ), marked AS (
            UPDATE participants SET last_read_seq = sent.seq, read_number = sent.number
            FROM (
                SELECT conversation_id, sender_id, max(seq) AS seq, max(number) AS number FROM placed
                WHERE seq IS NOT NULL GROUP BY conversation_id, sender_id) sent
            WHERE participants.conversation_id = sent.conversation_id AND participants.user_id = sent.sender_id
        ), mentioned AS (
            INSERT INTO unread_mentions (conversation_id, user_id, message_seq)
            SELECT conversation_id, substring(mentions FROM 16 * nth_user + 1 FOR 16), seq
            FROM placed CROSS JOIN LATERAL generate_series(0, octet_length(mentions) / 16 - 1) AS nth_user
            WHERE seq IS NOT NULL AND substring(mentions FROM 16 * nth_user + 1 FOR 16) <> sender_id
        )
        SELECT seq, stored_at, membership_version, first_seq, first_id, first_content, first_at, is_member, refusal,
            timed_id, first_updated_seq, first_reply_to, first_reply_to_seq, first_mentions, first_edited_at, first_deleted_at
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

        _appends.Add((append, MessageId.New(createdAt: 0)));
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
            Column(NpgsqlDbType.Bytea, (append, _) => append.Draft.ReplyTo?.Id.Value.ToBytes()),
            Column(NpgsqlDbType.Bigint, (append, _) => append.Draft.ReplyTo?.Seq),
            Column(NpgsqlDbType.Bytea, (append, _) => UserIds.Write(append.Draft.Mentions)),
        },
    };

    /// <summary>Reads the outcome of each message, before the commit is reported.</summary>
    public void Read(DbDataReader rows)
    {
        foreach (var (append, _) in _appends)
        {
            rows.Read();
            append.Decide(
                !rows.IsDBNull(0) ? append.Stored(
                    new MessageId(rows.ReadUuid(9)), rows.ReadNumber(0), rows.ReadNumber(1), rows.ReadNumber(2))
                : !rows.IsDBNull(3) ? append.Found(ReadFirst(rows, append.Draft))
                : rows.IsDBNull(7) ? new Appended(AppendStatus.NotFound)
                : new Appended(AppendStatus.Refused, Refusal: rows.GetString(8)));
        }
    }

    /// <summary>Without its reactions.</summary>
    private static Message ReadFirst(DbDataReader row, Draft draft) => new()
    {
        Id = new MessageId(row.ReadUuid(4)),
        ConversationId = draft.Conversation,
        SenderId = draft.Sender,
        Content = row.ReadText(5),
        CreatedAt = row.ReadTime(6),
        Seq = row.ReadNumber(3),
        UpdatedSeq = row.IsDBNull(10) ? null : row.ReadNumber(10),
        ReplyTo = row.IsDBNull(11) ? null : new MessageReference(new MessageId(row.ReadUuid(11)), row.ReadNumber(12)),
        Mentions = row.IsDBNull(13) ? null : UserIds.Read(row.GetFieldValue<byte[]>(13)),
        EditedAt = row.IsDBNull(14) ? null : row.ReadTime(14),
        DeletedAt = row.IsDBNull(15) ? null : row.ReadTime(15),
    };

    private NpgsqlParameter Column<T>(NpgsqlDbType type, Func<MessageWrite, MessageId, T> value) => new()
    {
        NpgsqlDbType = NpgsqlDbType.Array | type,
        Value = _appends.ConvertAll(item => value(item.Append, item.Id)),
    };
}
