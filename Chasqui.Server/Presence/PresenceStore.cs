using Chasqui.Server.Storage;

namespace Chasqui.Server.Presence;

/// <summary>
/// Who sees whose presence: people who share a direct conversation or a small group, unless the user has blocked them. The
/// statements count no more members of a group than make it a large one.
/// </summary>
internal sealed class PresenceStore(DbDataSource readers)
{
    /// <summary>A direct conversation has two members.</summary>
    private const string IsSmall = """
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM participants counted WHERE counted.conversation_id = mine.conversation_id LIMIT 101) few) <= 100
        """;

    /// <returns>For each of the users, those who see them; and the number of rows that were read.</returns>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<(IReadOnlyDictionary<UserId, HashSet<UserId>> Observers, int Rows)> ObserversAsync(
        IReadOnlyCollection<UserId> users, CancellationToken cancellationToken)
    {
        var ids = users.Select(user => user.Value.ToBytes()).ToArray();
        var members = await readers.ListAsync<Membership>(
            connection => $"""
            SELECT p.conversation_id, p.user_id FROM participants p JOIN (
                SELECT DISTINCT mine.conversation_id FROM participants mine
                WHERE {connection.IsOneOf("mine.user_id", "@ids")} AND {IsSmall}) small
                ON small.conversation_id = p.conversation_id
            """,
            new { ids },
            cancellationToken);
        var blocks = await readers.ListAsync<Block>(
            connection => $"SELECT user_id, blocked_id FROM blocks WHERE {connection.IsOneOf("user_id", "@ids")}",
            new { ids },
            cancellationToken);
        var observers = users.ToDictionary(user => user, _ => new HashSet<UserId>());
        foreach (var conversation in members.GroupBy(member => member.ConversationId, member => member.UserId))
        {
            foreach (var member in conversation.Where(observers.ContainsKey))
            {
                observers[member].UnionWith(conversation);
            }
        }

        foreach (var (user, seeing) in observers)
        {
            seeing.Remove(user);
        }

        foreach (var block in blocks)
        {
            observers[block.UserId].Remove(block.BlockedId);
        }

        return (observers, members.Count + blocks.Count);
    }

    /// <returns>Those of the users whose presence the caller sees.</returns>
    public async Task<IReadOnlySet<UserId>> VisibleAsync(
        UserId caller, IReadOnlyCollection<UserId> users, CancellationToken cancellationToken)
    {
        var visible = await readers.ListAsync<UserId>(
            connection => $"""
            SELECT DISTINCT other.user_id FROM participants mine
            JOIN participants other ON other.conversation_id = mine.conversation_id
            WHERE mine.user_id = @caller AND {connection.IsOneOf("other.user_id", "@ids")} AND {IsSmall}
              AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.user_id = other.user_id AND blocks.blocked_id = @caller)
            """,
            new { caller, ids = users.Select(user => user.Value.ToBytes()).ToArray() },
            cancellationToken);
        return visible.Append(caller).ToHashSet();
    }

    /// <summary>When the sessions of users were last seen, to about a minute.</summary>
    public async Task<IReadOnlyDictionary<UserId, DateTimeOffset>> LastSeenAsync(
        IReadOnlyCollection<UserId> users, CancellationToken cancellationToken)
    {
        var seen = await readers.ListAsync<Seen>(
            connection => $"""
            SELECT user_id, MAX(last_seen_at) AS last_seen_at FROM sessions
            WHERE {connection.IsOneOf("user_id", "@ids")} GROUP BY user_id
            """,
            new { ids = users.Select(user => user.Value.ToBytes()).ToArray() },
            cancellationToken);
        return seen.ToDictionary(each => each.UserId, each => each.LastSeenAt);
    }

    private sealed record Membership
    {
        public ConversationId ConversationId { get; init; }
        public UserId UserId { get; init; }
    }

    private sealed record Block
    {
        public UserId UserId { get; init; }
        public UserId BlockedId { get; init; }
    }

    private sealed record Seen
    {
        public UserId UserId { get; init; }
        public DateTimeOffset LastSeenAt { get; init; }
    }
}
