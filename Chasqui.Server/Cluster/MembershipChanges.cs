using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Sends <c>ConversationCreated</c>, <c>ConversationUpdated</c> and <c>ConversationRemoved</c> for changes of other servers. All
/// servers write their changes into one table; each reads on from its own position.
/// </summary>
internal sealed class MembershipChanges(
    DbDataSource readers, ReadSessions sessions, ConversationRows rows, LocalFanOut local, ServerInstance server)
{
    private const int PageSize = 500;

    private long _position;

    /// <summary>Starts after the newest change: no connection of this server needs an older one.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        _position = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COALESCE(MAX(position), 0) FROM membership_changes", cancellationToken: cancellationToken));
    }

    /// <param name="withOwn">Whether to send this server's changes again: after an uncertain commit they may not be sent.</param>
    /// <param name="cancellationToken">The end of the server.</param>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task ReadAsync(bool withOwn, CancellationToken cancellationToken)
    {
        using var session = await sessions.RentAsync(cancellationToken);
        for (var hasMore = true; hasMore;)
        {
            hasMore = false;
            var changes = (await session.Connection().QueryAsync<Change>(new CommandDefinition(
                """
                SELECT position, conversation_id, kind, user_id, server FROM membership_changes
                WHERE position > @after ORDER BY position LIMIT @PageSize
                """,
                new { after = _position, PageSize },
                cancellationToken: cancellationToken))).AsList();
            foreach (var ofOne in changes.Where(change => withOwn || change.Server != server.Id)
                .GroupBy(change => change.ConversationId))
            {
                Send(session, ofOne.Key, [.. ofOne]);
            }

            if (changes.Count > 0)
            {
                (_position, hasMore) = (changes[^1].Position, true);
            }
        }
    }

    /// <summary>
    /// Sends the conversation as it is now: users who were added and removed since, or removed and added, get the outcome only.
    /// </summary>
    private void Send(Session session, ConversationId id, IReadOnlyCollection<Change> changes)
    {
        var members = ConversationRows.AllMembers(session.Connection(), id).ToHashSet();
        foreach (var removal in changes.Where(change => change.Kind is MembershipKind.Left or MembershipKind.Removed)
            .Where(change => !members.Contains(change.UserId)).DistinctBy(change => change.UserId))
        {
            local.Removed(
                removal.UserId,
                new ConversationRemoved { ConversationId = id, Reason = ParticipantStore.RemovalReason(removal.Kind) });
        }

        if (rows.FindForEvent(session, id) is not { } conversation)
        {
            return;
        }

        var added = changes.Any(change => change.Kind == MembershipKind.Opened)
            ? members
            : [.. changes.Where(change => change.Kind == MembershipKind.Added && members.Contains(change.UserId))
                .Select(change => change.UserId)];
        local.Updated(conversation, members.Except(added));
        local.Created(conversation, added);
    }

    private sealed record Change
    {
        public long Position { get; init; }
        public ConversationId ConversationId { get; init; }
        public MembershipKind Kind { get; init; }
        public UserId UserId { get; init; }
        public Guid Server { get; init; }
    }
}
