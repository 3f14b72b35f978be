namespace Chasqui.Server.Storage;

/// <summary>Stores and reads the events that are no messages.</summary>
/// <param name="settledMessages">The table of the messages.</param>
internal sealed class EventRows(string settledMessages)
{
    private const string InsertSql = """
        INSERT INTO events (conversation_id, seq, event_type, actor_id, message_id, message_seq, user_id, content, created_at)
        VALUES (@conversation, @seq, @type, @actor, @message, @messageSeq, @user, CAST(@content AS utf8_text), @createdAt)
        """;

    private const string EraseSql =
        "UPDATE events SET content = NULL WHERE conversation_id = @conversation AND message_seq = @messageSeq";

    private static readonly string[] InsertParameters =
        ["@conversation", "@seq", "@type", "@actor", "@message", "@messageSeq", "@user", "@content", "@createdAt"];

    private static readonly string[] EraseParameters = ["@conversation", "@messageSeq"];
    private static readonly string[] PageParameters = ["@conversation", "@seq", "@limit"];

    private readonly string _pageSql = $"""
        SELECT e.seq, e.event_type, e.actor_id, e.message_id, e.message_seq, e.user_id, e.content, e.created_at,
            m.content, m.mentions, u.username, u.display_name
        FROM events e
        LEFT JOIN {settledMessages} m
            ON e.event_type = '{nameof(MessageEdited)}' AND m.conversation_id = e.conversation_id AND m.seq = e.message_seq
        LEFT JOIN users u ON u.id = e.user_id
        WHERE e.conversation_id = @conversation AND e.seq >= @seq ORDER BY e.seq LIMIT @limit + 0
        """;

    /// <summary>Part of a write.</summary>
    public static void Insert(WriteSession session, ConversationId conversation, EventRow row, long seq, long createdAt) =>
        session.Command(
            InsertSql, InsertParameters, conversation.Value.ToBytes(), seq, row.Type, row.Actor.Value.ToBytes(),
            row.Message?.Id.Value.ToBytes(), row.Message?.Seq, row.User?.Value.ToBytes(), row.Content?.ToBytes(), createdAt)
            .ExecuteNonQuery();

    /// <summary>Part of a write: removes the emoji of the events about a message.</summary>
    public static void Erase(WriteSession session, ConversationId conversation, long messageSeq) =>
        session.Command(EraseSql, EraseParameters, conversation.Value.ToBytes(), messageSeq).ExecuteNonQuery();

    /// <summary>The events from a <c>seq</c> on.</summary>
    /// <param name="session">The session.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="seq">The first.</param>
    /// <param name="limit">The most events.</param>
    /// <param name="maxCharacters">The most characters; one event always fits.</param>
    /// <param name="unsettled">The present state of a message that is not settled.</param>
    public List<StoredEvent> From(
        Session session, ConversationId conversation, long seq, int limit, int maxCharacters, Func<long, Message?> unsettled)
    {
        var events = new List<StoredEvent>();
        var characters = 0;
        using var rows = session.Command(_pageSql, PageParameters, conversation.Value.ToBytes(), seq, limit).ExecuteReader();
        while (rows.Read() && characters <= maxCharacters)
        {
            events.Add(new StoredEvent(Read(rows, conversation, unsettled), number: 0));
            characters += events[^1].Characters;
        }

        return events;
    }

    private static IConversationEvent Read(DbDataReader row, ConversationId conversation, Func<long, Message?> unsettled)
    {
        var message = row.IsDBNull(3) ? null : new MessageReference(new MessageId(row.ReadUuid(3)), row.ReadNumber(4));
        var user = row.IsDBNull(5) ? default(UserId?) : new UserId(row.ReadUuid(5));
        var stored = new EventRow(
            row.GetString(1), new UserId(row.ReadUuid(2)), message, user, row.IsDBNull(6) ? null : row.ReadText(6));
        (string, IReadOnlyList<UserId>?) content = !row.IsDBNull(8)
            ? (row.ReadText(8), row.IsDBNull(9) ? null : UserIds.Read(row.GetFieldValue<byte[]>(9)))
            : stored.Type == nameof(MessageEdited) && unsettled(message!.Seq) is { } found ? (found.Content, found.Mentions)
            : ("", null);
        var member = user is { } added ? Member(row, added) : null;
        return stored.ToEvent(conversation, row.ReadNumber(0), row.ReadTime(7), content, member);
    }

    private static Member Member(DbDataReader row, UserId user) => row.IsDBNull(10)
        ? new Member(user, Chasqui.Protocol.Member.DeletedUsername, MemberRoles.Member) { Deleted = true }
        : new Member(
            user, row.GetString(10), MemberRoles.Member, row.IsDBNull(11) ? null : row.GetString(11));
}
