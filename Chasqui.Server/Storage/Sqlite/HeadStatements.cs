namespace Chasqui.Server.Storage.Sqlite;

/// <summary>What <see cref="ConversationHeads"/> reads and writes.</summary>
internal static class HeadStatements
{
    public static readonly string Recent = $"""
        SELECT {MessageRows.Columns(SqliteMessages.ReactionSql)}, conversation_id, client_message_id, position
        FROM recent_messages m ORDER BY position
        """;

    public const string Position =
        "SELECT last_seq, message_count, updated_at, membership_version FROM conversations WHERE id = @conversation";

    public const string Members = "SELECT user_id, refusal FROM participants WHERE conversation_id = @conversation";
    public const string Flush = """
        UPDATE conversations SET last_seq = @seq, message_count = @messages, updated_at = @updatedAt WHERE id = @conversation
        """;

    public const string Mark = """
        UPDATE participants SET last_read_seq = @seq, read_number = @number
        WHERE conversation_id = @conversation AND user_id = @user
        """;

    private const string SettledColumns = """
        conversation_id, seq, number, id, sender_id, content, client_message_id, created_at, reply_to, reply_to_seq, mentions,
        updated_seq, edited_at, deleted_at
        """;

    public const string Settle = $"""
        INSERT INTO settled_messages ({SettledColumns}) SELECT {SettledColumns} FROM recent_messages WHERE position = @position
        """;

    public const string Delete = "DELETE FROM recent_messages WHERE position = @position";
}
