using Chasqui.Server.Storage;

namespace Chasqui.Server.Conversations;

/// <summary>
/// Reads conversations as they are shown: with at most <see cref="ChatLimits.MaxShownMembers"/> members, and the newest message.
/// </summary>
internal sealed class ConversationRows(MessageTable log)
{
    /// <summary>More unread mentions are not counted.</summary>
    private const string CountedMentions = "1000";

    public const string Select = $"""
        SELECT {Columns}, mine.last_read_seq, c.message_count - mine.read_number AS unread_count, (
            SELECT COUNT(*) FROM (
                SELECT 1 FROM unread_mentions n
                WHERE n.conversation_id = c.id AND n.user_id = mine.user_id AND n.message_seq > mine.last_read_seq
                LIMIT {CountedMentions}) unread) AS unread_mentions
        FROM participants mine
        JOIN conversations c ON c.id = mine.conversation_id
        """;

    /// <summary>A <see cref="Member"/> for Dapper, of participants <c>p</c> and users <c>u</c>.</summary>
    public const string PageColumns =
        "p.user_id AS id, u.username, p.role, u.display_name AS displayName, p.last_read_seq AS lastReadSeq";

    private const string Columns = "c.id, c.conversation_type, c.name, c.member_count, c.last_seq, c.created_at, c.updated_at";

    private const string MemberColumns = "m.user_id, u.username, m.role, u.display_name, m.last_read_seq";

    /// <summary>Of the newest messages of a large group: their senders are shown among its first members.</summary>
    private const int WritersAmong = 50;

    private const string InOrder = "m.place, m.joined_at, m.user_id";

    // A list reads them for thousands of conversations: prepared, and without Dapper, it takes a third of the time.
    private static readonly string OneSql = $"""
        SELECT @id, {MemberColumns} FROM ({Shown("@id")}) m JOIN users u ON u.id = m.user_id ORDER BY {InOrder}
        """;

    private static readonly string ManySql = $"""
        SELECT c.id, {MemberColumns}
        FROM unnest(@ids) AS c (id) CROSS JOIN LATERAL ({Shown("c.id")}) m JOIN users u ON u.id = m.user_id
        ORDER BY c.id, {InOrder}
        """;

    private static readonly string[] OneParameters = ["@id", "@user"];

    private static readonly string[] ManyParameters = ["@ids", "@user"];

    /// <summary>For a write, which no other change can come between.</summary>
    /// <returns><see langword="null"/> if there is no such conversation, or the user is not a member.</returns>
    public Conversation? Find(Session session, ConversationId id, UserId user) =>
        session.Connection().QuerySingleOrDefault<Conversation>(
            $"{Select} WHERE mine.conversation_id = @id AND mine.user_id = @user", new { id, user }) is { } found
            ? WithMembers(session, [found], user).Single()
            : null;

    /// <summary>As an event has it, which goes to many users: the owner comes first.</summary>
    /// <returns><see langword="null"/> if the conversation has no member.</returns>
    public Conversation? FindForEvent(Session session, ConversationId id) =>
        session.Connection().QuerySingleOrDefault<Conversation>(
            $"SELECT {Columns} FROM conversations c WHERE c.id = @id AND c.member_count > 0", new { id }) is { } found
            ? WithMembers(session, [found], user: null).Single()
            : null;

    /// <summary>The ids of all members: who gets the events of a conversation.</summary>
    public static IReadOnlyCollection<UserId> AllMembers(DbConnection connection, ConversationId id) =>
        connection.Query<UserId>("SELECT user_id FROM participants WHERE conversation_id = @id", new { id }).AsList();

    /// <summary>
    /// Adds the members that are shown to a user, who comes first, and the newest message; for an event the members only.
    /// </summary>
    public IEnumerable<Conversation> WithMembers(
        Session session, IReadOnlyCollection<Conversation> conversations, UserId? user)
    {
        var members = Members(session, [.. conversations.Select(conversation => conversation.Id.Value.ToBytes())], user)
            .ToLookup(row => row.Conversation, row => row.Member);
        if (user is null)
        {
            return conversations.Select(conversation => With(session, conversation, [.. members[conversation.Id]]));
        }

        var newest = log.LastMessages(
            session, [.. conversations.Select(conversation => (conversation.Id, conversation.LastSeq))]);
        return conversations.Select(conversation => With(
            session,
            conversation with { LastMessage = newest[conversation.Id].FirstOrDefault() },
            conversation.MemberCount > ChatLimits.MaxShownMembers
                ? WithWriters(session, conversation, [.. members[conversation.Id]], user.Value)
                : [.. members[conversation.Id]]));
    }

    /// <summary>The caller and the owner, those who wrote last, then the others.</summary>
    private List<Member> WithWriters(Session session, Conversation conversation, List<Member> shown, UserId caller)
    {
        var writers = log.Newest(session, conversation.Id, conversation.LastSeq, WritersAmong)
            .Select(stored => stored.Message!.SenderId).Distinct().ToList();
        var found = session.Connection().Query<Member>(
            $"""
            SELECT {PageColumns} FROM participants p JOIN users u ON u.id = p.user_id
            WHERE p.conversation_id = @Id AND {session.Connection().IsOneOf("p.user_id", "@users")}
            """,
            // Dapper takes no lists of custom types.
            new { conversation.Id, users = writers.Select(writer => writer.Value.ToBytes()).ToArray() });
        var first = shown.TakeWhile(member => member.Id == caller || member.Role == MemberRoles.Owner);
        return [.. first.Concat(found.OrderBy(member => writers.IndexOf(member.Id))).Concat(shown)
            .DistinctBy(member => member.Id).Take(ChatLimits.MaxShownMembers)];
    }

    /// <summary>
    /// The members that are shown, each at the first of its places: the caller (0), the owner (1), those who joined first (2).
    /// Each part reads an index in its order, so that a group of thousands costs as much as one of a hundred.
    /// </summary>
    private static string Shown(string conversation) => $"""
        SELECT user_id, role, joined_at, last_read_seq, MIN(place) AS place FROM (
            SELECT user_id, role, joined_at, last_read_seq, 0 AS place FROM participants
            WHERE conversation_id = {conversation} AND user_id = @user
            UNION ALL
            SELECT user_id, role, joined_at, last_read_seq, 1 AS place FROM participants
            WHERE conversation_id = {conversation} AND role = 'owner'
            UNION ALL
            SELECT * FROM (
                SELECT user_id, role, joined_at, last_read_seq, 2 AS place FROM participants
                WHERE conversation_id = {conversation} AND role = 'member'
                ORDER BY joined_at, user_id LIMIT {ChatLimits.MaxShownMembers}
            ) first
        ) candidates
        GROUP BY user_id, role, joined_at, last_read_seq ORDER BY place, joined_at, user_id LIMIT {ChatLimits.MaxShownMembers}
        """;

    /// <summary>
    /// PostgreSQL reads them in one query. SQLite has no LATERAL, and its statements cost no round trips.
    /// </summary>
    private static IEnumerable<(ConversationId Conversation, Member Member)> Members(Session session, byte[][] ids, UserId? user)
    {
        var caller = user?.Value.ToBytes();
        return session.Connection().HasLateral()
            ? Read(session.Command(ManySql, ManyParameters, ids, caller))
            : ids.SelectMany(id => Read(session.Command(OneSql, OneParameters, id, caller)));
    }

    private static IEnumerable<(ConversationId Conversation, Member Member)> Read(DbCommand command)
    {
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return (new ConversationId(rows.ReadUuid(0)), ReadMember(rows, 1));
        }
    }

    /// <summary>Reads <see cref="MemberColumns"/>.</summary>
    private static Member ReadMember(DbDataReader row, int column) => new(
        new UserId(row.ReadUuid(column)),
        row.GetString(column + 1),
        row.GetString(column + 2),
        row.IsDBNull(column + 3) ? null : row.GetString(column + 3),
        row.ReadNumber(column + 4));

    private static Conversation With(Session session, Conversation conversation, List<Member> members)
    {
        if (conversation.ConversationType == ConversationTypes.Direct && members.Count == 1)
        {
            members = [.. members, DeletedMember(session.Connection(), conversation.Id, members[0].Id)];
            conversation = conversation with { MemberCount = members.Count };
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
