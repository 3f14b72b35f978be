namespace Chasqui.Server.Storage;

/// <summary>
/// Reads messages from a table or view. Every page is found by <c>seq</c>, so that it costs the same at any depth.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="reaction">See <see cref="Columns"/>.</param>
internal sealed class MessageRows(string table, string reaction)
{
    /// <summary>The users of a reaction that are told.</summary>
    private const int MaxReactionUsers = 20;

    public const int ColumnCount = 13;

    /// <summary>Not the bare parameter: each time it was given another value, SQLite would prepare the statement anew.</summary>
    private const string Limit = "@limit + 0";

    private static readonly string[] PageParameters = ["@conversation", "@seq", "@limit"];
    private static readonly string[] OneParameters = ["@conversation", "@seq"];
    private static readonly string[] SearchParameters = ["@conversation", "@value", "@seq"];

    private readonly string _select = $"SELECT {Columns(reaction)} FROM {table} m WHERE conversation_id = @conversation";

    private string? _downwards;
    private string? _upwards;
    private string? _one;
    private string? _oneAt;

    public string DownwardsSql => _downwards ??= $"{_select} AND seq <= @seq ORDER BY seq DESC LIMIT {Limit}";

    public string UpwardsSql => _upwards ??= $"{_select} AND seq >= @seq ORDER BY seq LIMIT {Limit}";

    public string OneSql => _one ??= $"{_select} AND seq = @seq";

    /// <summary>Of the first message that is not below a number, or was not stored before a time: both rise with seq.</summary>
    public string ByNumberSql { get; } = Search(table, "number");

    public string ByTimeSql { get; } = Search(table, "created_at");

    /// <summary>
    /// What <see cref="ReadOne"/> reads of a table <c>m</c>. One statement for a message and its reactions: they are of the same
    /// moment.
    /// </summary>
    /// <param name="reaction">SQL for one row of reactions: users, colon, the user in hexadecimal, emoji.</param>
    public static string Columns(string reaction) => $"""
        id, sender_id, content, created_at, seq, number, reply_to, reply_to_seq, mentions, updated_seq, edited_at, deleted_at,
            CASE WHEN updated_seq IS NOT NULL THEN (
                SELECT string_agg({reaction}, ' ' ORDER BY first_seq, place) FROM (
                    SELECT emoji, user_id, first_seq, COUNT(*) OVER (PARTITION BY emoji) AS users,
                        ROW_NUMBER() OVER (PARTITION BY emoji ORDER BY seq) AS place
                    FROM reactions WHERE conversation_id = m.conversation_id AND message_seq = m.seq) AS counted
                WHERE place <= {MaxReactionUsers})
            END
        """;

    /// <summary>The messages from one on. See <see cref="Read"/>.</summary>
    public DbCommand From(Session session, ConversationId conversation, long seq, bool descending, int limit) =>
        session.Command(descending ? DownwardsSql : UpwardsSql, PageParameters, conversation.Value.ToBytes(), seq, limit);

    /// <summary>One message.</summary>
    public DbCommand One(Session session, ConversationId conversation, long seq) =>
        session.Command(OneSql, OneParameters, conversation.Value.ToBytes(), seq);

    /// <summary>One message that is not settled: its table has no index but the position.</summary>
    public DbCommand OneAt(Session session, ConversationId conversation, long position) =>
        session.Command(_oneAt ??= $"{_select} AND position = @seq", OneParameters, conversation.Value.ToBytes(), position);

    /// <param name="session">The session.</param>
    /// <param name="sql"><see cref="ByNumberSql"/> or <see cref="ByTimeSql"/>.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="value">The number or the time.</param>
    /// <param name="lastSeq">Not below that of the message.</param>
    /// <returns>A statement for the <c>seq</c>, or one above it where no message stands.</returns>
    public static DbCommand Find(Session session, string sql, ConversationId conversation, long value, long lastSeq) =>
        session.Command(sql, SearchParameters, conversation.Value.ToBytes(), value, lastSeq);

    /// <summary>
    /// Reads rows up to a number of characters; one message always fits. Rows past it are not read, but for one.
    /// </summary>
    public static List<StoredEvent> Read(DbDataReader rows, ConversationId conversation, int maxCharacters)
    {
        var part = new List<StoredEvent>();
        var characters = 0;
        while (rows.Read())
        {
            var message = ReadOne(rows, conversation);
            characters += message.Characters;
            if (characters > maxCharacters && part.Count > 0)
            {
                break;
            }

            part.Add(message);
        }

        return part;
    }

    public static StoredEvent ReadOne(
        DbDataReader row, ConversationId conversation, string? clientMessageId = null, long position = 0)
    {
        var message = new Message
        {
            Id = new MessageId(row.ReadUuid(0)),
            ConversationId = conversation,
            SenderId = new UserId(row.ReadUuid(1)),
            Content = row.ReadText(2),
            CreatedAt = row.ReadTime(3),
            Seq = row.ReadNumber(4),
            ReplyTo = row.IsDBNull(6) ? null : new MessageReference(new MessageId(row.ReadUuid(6)), row.ReadNumber(7)),
            Mentions = row.IsDBNull(8) ? null : UserIds.Read(row.GetFieldValue<byte[]>(8)),
            UpdatedSeq = row.IsDBNull(9) ? null : row.ReadNumber(9),
            EditedAt = row.IsDBNull(10) ? null : row.ReadTime(10),
            DeletedAt = row.IsDBNull(11) ? null : row.ReadTime(11),
            Reactions = row.IsDBNull(12) ? null : ReadReactions(row.GetString(12)),
        };
        return new StoredEvent(new NewMessage { Message = message }, row.ReadNumber(5), clientMessageId, position);
    }

    // Each as users, user and emoji: "2:0193…f0👍 2:0193…f1👍 1:0193…f0🎉"
    private static Reaction[] ReadReactions(string text) =>
    [
        .. text.Split(' ').Select(reaction => reaction.Split(':', 2)).Select(parts => (
                Users: int.Parse(parts[0], CultureInfo.InvariantCulture),
                User: new UserId(Guid.ParseExact(parts[1][..32], "N")),
                Emoji: parts[1][32..]))
            .GroupBy(reaction => reaction.Emoji)
            .Select(group => new Reaction(group.Key, group.First().Users, [.. group.Select(reaction => reaction.User)])),
    ];

    // Halves the part of the conversation that the message stands in. is_low: it stands above the middle.
    private static string Search(string table, string column)
    {
        return $"""
            WITH RECURSIVE part (low, high, is_low) AS (
                SELECT CAST(1 AS bigint), CAST(@seq AS bigint), {IsLow("(1 + @seq) / 2")}
                UNION ALL
                SELECT CASE WHEN is_low THEN (low + high) / 2 + 1 ELSE low END,
                    CASE WHEN is_low THEN high ELSE (low + high) / 2 END,
                    {IsLow("CASE WHEN is_low THEN (low + high) / 2 + 1 + high ELSE low + (low + high) / 2 END / 2")}
                FROM part WHERE low < high
            )
            SELECT low FROM part WHERE low >= high
            """;

        string IsLow(string middle) => $"""
            COALESCE((
                SELECT {column} FROM {table} WHERE conversation_id = @conversation AND seq <= {middle}
                ORDER BY seq DESC LIMIT 1), 0) < @value
            """;
    }
}

/// <summary>Ids of users as one value of a row: 16 bytes each.</summary>
internal static class UserIds
{
    private const int IdBytes = 16;

    public static UserId[] Read(byte[] ids) => [.. ids.Chunk(IdBytes).Select(id => new UserId(StorageTypes.ToUuid(id)))];

    public static byte[]? Write(IReadOnlyList<UserId>? ids) => ids is null ? null : [.. ids.SelectMany(id => id.Value.ToBytes())];
}
