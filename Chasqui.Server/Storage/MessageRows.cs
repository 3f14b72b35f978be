namespace Chasqui.Server.Storage;

/// <summary>Reads pages of messages from a table or view. Every page is found by <c>seq</c>, so that it costs the same at any depth.</summary>
internal sealed class MessageRows(string table)
{
    private const string Columns = "id, sender_id, content, created_at, seq";

    /// <summary>Not the bare parameter: each time it was given another value, SQLite would prepare the statement anew.</summary>
    private const string Limit = "@limit + 0";

    private static readonly string[] Parameters = ["@conversation", "@seq", "@limit"];

    public string DownwardsSql { get; } = $"""
        SELECT {Columns} FROM {table}
        WHERE conversation_id = @conversation AND seq <= @seq ORDER BY seq DESC LIMIT {Limit}
        """;

    public string UpwardsSql { get; } = $"""
        SELECT {Columns} FROM {table}
        WHERE conversation_id = @conversation AND seq >= @seq ORDER BY seq LIMIT {Limit}
        """;

    /// <summary>The messages from one on. See <see cref="Read"/>.</summary>
    public DbCommand From(Session session, ConversationId conversation, long seq, bool descending, int limit) =>
        session.Command(descending ? DownwardsSql : UpwardsSql, Parameters, conversation.Value.ToBytes(), seq, limit);

    /// <summary>Reads rows up to a number of characters; one message always fits. Rows past it are not read, but for one.</summary>
    public static List<StoredMessage> Read(DbDataReader rows, ConversationId conversation, int maxCharacters)
    {
        var part = new List<StoredMessage>();
        var characters = 0;
        while (rows.Read())
        {
            var message = new Message
            {
                Id = new MessageId(rows.ReadUuid(0)),
                ConversationId = conversation,
                SenderId = new UserId(rows.ReadUuid(1)),
                Content = rows.ReadText(2),
                CreatedAt = rows.ReadTime(3),
                Seq = rows.ReadNumber(4),
            };
            characters += message.Content.Length;
            if (characters > maxCharacters && part.Count > 0)
            {
                break;
            }

            part.Add(new StoredMessage(message));
        }

        return part;
    }
}
