using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Conversations;
using Chasqui.Server.Delivery;
using Chasqui.Server.Hosting;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Backplane;

/// <summary>
/// Tells this server's connections who came into their conversations and who left them through another one. All of them write
/// it into the database, and each reads on from where it was.
/// </summary>
internal sealed class MembershipNews(MembershipStore store, FanOut local, ServerInstance server)
{
    private long _position;

    public async Task StartAsync(CancellationToken cancellationToken) => _position = await store.LastChangeAsync(cancellationToken);

    /// <param name="untold">Conversations that this server has changed, perhaps, and has told nobody.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task ReadAsync(IReadOnlySet<ConversationId> untold, CancellationToken cancellationToken)
    {
        foreach (var change in await store.ChangesAfterAsync(_position, cancellationToken))
        {
            var isTold = change.Server == server.Id && !untold.Contains(change.ConversationId);
            if (!isTold && await store.FindAsync(change.ConversationId, cancellationToken) is { } conversation)
            {
                Tell(change, conversation);
            }

            _position = change.Position;
        }
    }

    private void Tell(MembershipChange change, Conversation conversation)
    {
        if (change.Kind == MembershipKind.Opened)
        {
            local.Created(conversation, conversation.Participants);
            return;
        }

        local.Updated(conversation, conversation.Participants.Where(participant => change.Kind != MembershipKind.Added || participant != change.UserId));
        // Whoever has been taken out again meanwhile learns nothing of it.
        if (change.Kind == MembershipKind.Added && conversation.Participants.Contains(change.UserId))
        {
            local.Created(conversation, [change.UserId]);
        }
    }
}

/// <summary>A change of a conversation's members, and where it stands in the order of such changes.</summary>
internal sealed record MembershipChange
{
    public long Position { get; init; }

    public ConversationId ConversationId { get; init; }

    public MembershipKind Kind { get; init; }

    public UserId UserId { get; init; }

    public Guid Server { get; init; }
}

/// <summary>Reads the changes of members.</summary>
internal sealed class MembershipStore(DbDataSource readers)
{
    public async Task<long> LastChangeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COALESCE(MAX(position), 0) FROM membership_changes", cancellationToken: cancellationToken));
    }

    /// <summary>What changed after a position, in order.</summary>
    public async Task<IReadOnlyList<MembershipChange>> ChangesAfterAsync(long position, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<MembershipChange>(new CommandDefinition(
            "SELECT position, conversation_id, kind, user_id, server FROM membership_changes WHERE position > @position ORDER BY position",
            new { position },
            cancellationToken: cancellationToken))];
    }

    /// <returns>The conversation as it is now, or <see langword="null"/> when nobody is in it.</returns>
    public async Task<Conversation?> FindAsync(ConversationId id, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return ConversationRows.FindForAnybody(connection, id);
    }
}
