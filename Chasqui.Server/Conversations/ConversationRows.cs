using System.Data.Common;
using Chasqui.Protocol;
using Dapper;

namespace Chasqui.Server.Conversations;

/// <summary>Reads conversations with their members.</summary>
internal static class ConversationRows
{
    // One statement, so that conversations and their members are of one moment.
    private const string Select = """
        SELECT c.id, c.conversation_type, c.name, c.last_seq, c.created_at, c.updated_at, p.user_id, u.username, p.role
        FROM participants mine
        JOIN conversations c ON c.id = mine.conversation_id
        JOIN participants p ON p.conversation_id = mine.conversation_id
        JOIN users u ON u.id = p.user_id
        """;

    private const string Order = "ORDER BY c.updated_at DESC, c.id DESC, p.joined_at, p.user_id";

    /// <returns>The conversation, or <see langword="null"/> when there is none or the user is no member.</returns>
    public static Conversation? Find(DbConnection connection, ConversationId id, UserId user) =>
        Read(connection.Query<Row>(
            $"{Select} WHERE mine.conversation_id = @id AND mine.user_id = @user {Order}", new { id, user })).SingleOrDefault();

    /// <summary>A user's conversations, latest activity first.</summary>
    public static IReadOnlyList<Conversation> OfUser(DbConnection connection, UserId user) =>
        [.. Read(connection.Query<Row>($"{Select} WHERE mine.user_id = @user {Order}", new { user }))];

    private static IEnumerable<Conversation> Read(IEnumerable<Row> rows) => rows
        .GroupBy(row => row.Id)
        .Select(members => Conversation(members.First(), members));

    private static Conversation Conversation(Row conversation, IEnumerable<Row> members) => new()
    {
        Id = conversation.Id,
        ConversationType = conversation.ConversationType,
        Name = conversation.Name,
        Participants = [.. members.Select(member => member.UserId)],
        Members = [.. members.Select(member => new Member(member.UserId, member.Username, member.Role))],
        CreatedAt = conversation.CreatedAt,
        UpdatedAt = conversation.UpdatedAt,
        LastSeq = conversation.LastSeq,
    };

    /// <summary>One member, with the conversation.</summary>
    private sealed record Row
    {
        public ConversationId Id { get; init; }

        public required string ConversationType { get; init; }

        public string? Name { get; init; }

        public long LastSeq { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset UpdatedAt { get; init; }

        public UserId UserId { get; init; }

        public required string Username { get; init; }

        public required string Role { get; init; }
    }
}
