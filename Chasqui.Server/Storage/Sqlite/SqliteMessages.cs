namespace Chasqui.Server.Storage.Sqlite;

/// <summary>One statement per message: SQLite has no round trips.</summary>
internal sealed class SqliteMessages(RecentMessageMover mover) : MessageTable
{
    private const string FindSql = """
        SELECT id, content, created_at, seq FROM messages
        WHERE conversation_id = @conversation AND sender_id = @sender AND client_message_id = @clientMessageId
        """;

    /// <summary>
    /// Assigns no <c>seq</c> when the sender is not a member or may not send, or the message is already stored. The time rises
    /// with each message, also when the clock is set back.
    /// </summary>
    private const string AdvanceSql = """
        UPDATE conversations SET last_seq = last_seq + 1, updated_at = MAX(@now, updated_at + 1)
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @sender AND refusal IS NULL)
          AND NOT EXISTS (
            SELECT 1 FROM messages
            WHERE conversation_id = @conversation AND sender_id = @sender AND client_message_id = @clientMessageId)
        RETURNING last_seq, updated_at
        """;

    private const string InsertSql = """
        INSERT INTO recent_messages (conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at)
        VALUES (@conversation, @seq, @id, @sender, CAST(@content AS utf8_text), 'text', @clientMessageId, @createdAt)
        """;

    private const string RefusalSql =
        "SELECT refusal FROM participants WHERE conversation_id = @conversation AND user_id = @sender";

    private static readonly string[] FindParameters = ["@conversation", "@sender", "@clientMessageId"];
    private static readonly string[] AdvanceParameters = ["@conversation", "@sender", "@clientMessageId", "@now"];
    private static readonly string[] InsertParameters =
        ["@conversation", "@seq", "@id", "@sender", "@content", "@clientMessageId", "@createdAt"];
    private static readonly string[] RefusalParameters = ["@conversation", "@sender"];

    public override void Append(WriteSession session, MessageWrite append)
    {
        byte[] conversation = append.Draft.Conversation.Value.ToBytes(), sender = append.Draft.Sender.Value.ToBytes();
        append.Decide(Advance(session, append, conversation, sender) is var (seq, createdAt)
            ? Insert(session, append, conversation, sender, seq, createdAt)
            : FindFirst(session, append, conversation, sender));
    }

    public override void OnStored() => mover.OnStored();

    private static (long Seq, long CreatedAt)? Advance(
        WriteSession session, MessageWrite append, byte[] conversation, byte[] sender)
    {
        using var reader = session.Command(
            AdvanceSql, AdvanceParameters, conversation, sender, append.Draft.ClientMessageId, append.Now).ExecuteReader();
        return reader.Read() ? (reader.ReadNumber(0), reader.ReadNumber(1)) : null;
    }

    private static Appended Insert(
        WriteSession session, MessageWrite append, byte[] conversation, byte[] sender, long seq, long createdAt)
    {
        var (draft, id) = (append.Draft, MessageId.New());
        session.Command(
            InsertSql, InsertParameters,
            conversation, seq, id.Value.ToBytes(), sender, draft.Content.ToBytes(), draft.ClientMessageId, createdAt)
            .ExecuteNonQuery();
        return append.Stored(id, seq, createdAt);
    }

    private static Appended FindFirst(WriteSession session, MessageWrite append, byte[] conversation, byte[] sender)
    {
        // Removed members get not_found, also for a message of their own.
        if (session.Command(RefusalSql, RefusalParameters, conversation, sender).ExecuteScalar() is not { } refusal)
        {
            return new Appended(AppendStatus.NotFound);
        }

        var clientMessageId = append.Draft.ClientMessageId;
        using var reader = session.Command(FindSql, FindParameters, conversation, sender, clientMessageId).ExecuteReader();
        return reader.Read()
            ? append.Found(new MessageId(reader.ReadUuid(0)), reader.ReadNumber(3), reader.ReadText(1), reader.ReadNumber(2))
            : new Appended(AppendStatus.Refused, Refusal: (string)refusal);
    }
}
