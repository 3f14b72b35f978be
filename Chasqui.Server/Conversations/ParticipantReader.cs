using Chasqui.Server.Storage;

namespace Chasqui.Server.Conversations;

/// <summary>A conversation of a user, and how many members it has.</summary>
internal sealed record OwnConversation
{
    public ConversationId Id { get; init; }

    public bool IsDirect { get; init; }

    public int Participants { get; init; }
}

/// <summary>Reads who is in a conversation.</summary>
internal sealed class ParticipantReader(DbDataSource readers, ReadSessions sessions, ConversationRows rows)
{
    public async Task<HashSet<UserId>> MembersAsync(ConversationId id, CancellationToken cancellationToken) =>
        [.. await readers.ListAsync<UserId>(
            "SELECT user_id FROM participants WHERE conversation_id = @id", new { id }, cancellationToken)];

    /// <summary>The conversation with an id, as a client writes it.</summary>
    /// <returns><see langword="null"/> where the user is no member.</returns>
    public async Task<OwnConversation?> FindAsync(string id, UserId user, CancellationToken cancellationToken) =>
        PrefixedId.TryParse<ConversationId>(id, out var conversation)
            ? (await AmongAsync([conversation], user, cancellationToken)).SingleOrDefault()
            : null;

    /// <summary>The conversations among these that the user is in.</summary>
    public Task<IReadOnlyList<OwnConversation>> AmongAsync(
        IEnumerable<ConversationId> ids, UserId user, CancellationToken cancellationToken) => readers.ListAsync<OwnConversation>(
            connection => $"""
                SELECT c.id, c.conversation_type = 'direct' AS is_direct,
                    c.member_count AS participants
                FROM participants mine JOIN conversations c ON c.id = mine.conversation_id
                WHERE mine.user_id = @user AND {connection.IsOneOf("c.id", "@ids")}
                """,
            // Dapper takes no lists of custom types.
            new { user, ids = ids.Select(id => id.Value.ToBytes()).ToArray() },
            cancellationToken);

    /// <summary>
    /// A page of the members, in the order of their ids: it stays the same while members come and go, and one who has left still
    /// has a place in it. Empty where the caller is no member.
    /// </summary>
    public async Task<IReadOnlyList<Member>> PageAsync(
        OwnConversation conversation, UserId caller, UserId? after, int limit, CancellationToken cancellationToken)
    {
        if (conversation.IsDirect)
        {
            // One of the two may be a deleted account.
            using var session = await sessions.RentAsync(cancellationToken);
            return [.. (rows.Find(session, conversation.Id, caller)?.Members ?? [])
                .OrderBy(member => member.Id.ToString(), StringComparer.Ordinal)
                .SkipWhile(member => string.CompareOrdinal(member.Id.ToString(), after?.ToString()) <= 0)
                .Take(limit)];
        }

        return await readers.ListAsync<Member>(
            $"""
            SELECT {ConversationRows.PageColumns}
            FROM participants p JOIN users u ON u.id = p.user_id
            WHERE p.conversation_id = @Id {(after is null ? "" : "AND p.user_id > @after")}
                AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @Id AND user_id = @caller)
            ORDER BY p.user_id LIMIT @limit
            """,
            new { conversation.Id, caller, after, limit },
            cancellationToken);
    }
}
