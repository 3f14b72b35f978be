using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Sends <c>ConversationCreated</c> and <c>ConversationUpdated</c> for changes of members that other servers made. All servers
/// write their changes into one table; each reads on from its own position.
/// </summary>
internal sealed class MembershipChanges(DbDataSource readers, ReadSessions sessions, LocalFanOut local, ServerInstance server)
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
            foreach (var change in await session.Connection().QueryAsync<Change>(new CommandDefinition(
                """
                SELECT position, conversation_id, kind, user_id, server FROM membership_changes
                WHERE position > @after ORDER BY position LIMIT @PageSize
                """,
                new { after = _position, PageSize },
                cancellationToken: cancellationToken)))
            {
                if ((withOwn || change.Server != server.Id)
                    && ConversationRows.FindForAnybody(session, change.ConversationId) is { } conversation)
                {
                    Send(change, conversation);
                }

                (_position, hasMore) = (change.Position, true);
            }
        }
    }

    /// <param name="change">The change.</param>
    /// <param name="conversation">The conversation as it is now: users who were removed since receive nothing.</param>
    private void Send(Change change, Conversation conversation)
    {
        var added = conversation.Participants.Where(user => change.Kind == MembershipKind.Opened
            || (change.Kind == MembershipKind.Added && user == change.UserId)).ToList();
        if (change.Kind != MembershipKind.Opened)
        {
            local.Updated(conversation, conversation.Participants.Except(added));
        }

        if (added.Count > 0)
        {
            local.Created(conversation, added);
        }
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
