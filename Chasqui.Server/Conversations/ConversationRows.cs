using Chasqui.Server.Storage;

namespace Chasqui.Server.Conversations;

/// <summary>Reads conversations with their members.</summary>
internal static class ConversationRows
{
    public const string Select = """
        SELECT c.id, c.conversation_type, c.name, c.last_seq, c.created_at, c.updated_at
        FROM participants mine
        JOIN conversations c ON c.id = mine.conversation_id
        """;

    // A list reads them for each of thousands of conversations: prepared, and without Dapper, it takes a third of the time.
    private const string MembersSql = """
        SELECT p.user_id, u.username, p.role, u.display_name FROM participants p JOIN users u ON u.id = p.user_id
        WHERE p.conversation_id = @id ORDER BY p.joined_at, p.user_id
        """;

    private static readonly string[] MembersParameters = ["@id"];

    /// <summary>For a write, which no other change can come between.</summary>
    /// <returns><see langword="null"/> if there is no such conversation, or the user is not a member.</returns>
    public static Conversation? Find(Session session, ConversationId id, UserId user) =>
        session.Connection().QuerySingleOrDefault<Conversation>(
            $"{Select} WHERE mine.conversation_id = @id AND mine.user_id = @user", new { id, user }) is { } found
            ? WithMembers(session, found)
            : null;

    /// <returns><see langword="null"/> if the conversation has no member.</returns>
    public static Conversation? FindForAnybody(Session session, ConversationId id) =>
        session.Connection().QueryFirstOrDefault<UserId?>(
            "SELECT user_id FROM participants WHERE conversation_id = @id LIMIT 1", new { id }) is { } participant
            ? Find(session, id, participant)
            : null;

    /// <summary>Adds the current members, in the order in which they joined.</summary>
    public static Conversation WithMembers(Session session, Conversation conversation)
    {
        var members = new List<Member>();
        using (var rows = session.Command(MembersSql, MembersParameters, conversation.Id.Value.ToBytes()).ExecuteReader())
        {
            while (rows.Read())
            {
                var displayName = rows.IsDBNull(3) ? null : rows.GetString(3);
                members.Add(new Member(new UserId(rows.ReadUuid(0)), rows.GetString(1), rows.GetString(2), displayName));
            }
        }

        if (conversation.ConversationType == ConversationTypes.Direct && members.Count == 1)
        {
            members.Add(DeletedMember(session.Connection(), conversation.Id, members[0].Id));
        }

        return conversation with { Members = members, Participants = [.. members.Select(member => member.Id)] };
    }

    /// <summary>Nobody leaves a direct conversation: the account of the member who is missing was deleted.</summary>
    private static Member DeletedMember(DbConnection connection, ConversationId id, UserId left)
    {
        var key = connection.QuerySingle<byte[]>("SELECT direct_key FROM conversations WHERE id = @id", new { id });
        var deleted = key.Chunk(key.Length / 2).Select(member => new UserId(StorageTypes.ToUuid(member)))
            .Single(member => member != left);
        return new Member(deleted, Member.DeletedUsername, MemberRoles.Member) { Deleted = true };
    }
}
