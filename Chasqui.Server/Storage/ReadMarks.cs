namespace Chasqui.Server.Storage;

/// <summary>
/// Part of a write: how far each member has read, and by which messages a member is mentioned. What is unread is the difference
/// of two numbers of messages, so that nothing is counted.
/// </summary>
internal static class ReadMarks
{
    private const string MoveSql = """
        UPDATE participants SET last_read_seq = @seq, read_number = @number
        WHERE conversation_id = @conversation AND user_id = @user AND last_read_seq < @seq
        """;

    private const string ReadMentionsSql = """
        DELETE FROM unread_mentions WHERE conversation_id = @conversation AND user_id = @user AND message_seq <= @seq
        """;

    private const string MentionSql = """
        INSERT INTO unread_mentions (conversation_id, user_id, message_seq) VALUES (@conversation, @user, @seq)
        ON CONFLICT DO NOTHING
        """;

    private const string ForgetMentionSql = """
        DELETE FROM unread_mentions WHERE conversation_id = @conversation AND user_id = @user AND message_seq = @seq
        """;

    private static readonly string[] MoveParameters = ["@conversation", "@user", "@seq", "@number"];
    private static readonly string[] MentionParameters = ["@conversation", "@user", "@seq"];

    /// <summary>Moves a mark forward.</summary>
    /// <param name="session">The session.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="user">The member.</param>
    /// <param name="seq">The newest event that the member has read.</param>
    /// <param name="number">The messages up to it.</param>
    /// <returns>Whether it moved.</returns>
    public static bool Move(WriteSession session, ConversationId conversation, UserId user, long seq, long number)
    {
        var (group, member) = (conversation.Value.ToBytes(), user.Value.ToBytes());
        var hasMoved = session.Command(MoveSql, MoveParameters, group, member, seq, number).ExecuteNonQuery() == 1;
        if (hasMoved)
        {
            session.Command(ReadMentionsSql, MentionParameters, group, member, seq).ExecuteNonQuery();
        }

        return hasMoved;
    }

    /// <summary>A message is stored, or mentions others than before.</summary>
    public static void Mention(
        WriteSession session, ConversationId conversation, long seq, UserId sender, IReadOnlyList<UserId>? before,
        IReadOnlyList<UserId>? after)
    {
        Run(ForgetMentionSql, (before ?? []).Except(after ?? []));
        Run(MentionSql, (after ?? []).Except(before ?? []).Where(user => user != sender));

        void Run(string sql, IEnumerable<UserId> users)
        {
            foreach (var user in users)
            {
                session.Command(sql, MentionParameters, conversation.Value.ToBytes(), user.Value.ToBytes(), seq)
                    .ExecuteNonQuery();
            }
        }
    }
}
