using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Conversations;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Cluster;

/// <summary>A change of a conversation's members, and where it stands in the order of such changes.</summary>
internal sealed record MembershipChangeRow
{
    public long Position { get; init; }

    public ConversationId ConversationId { get; init; }

    public MembershipKind Kind { get; init; }

    public UserId UserId { get; init; }

    public Guid Server { get; init; }
}

/// <summary>Reads the changes of members.</summary>
internal sealed class MembershipChangeStore(DbDataSource readers)
{
    /// <summary>Changes that are read at once.</summary>
    private const int Page = 500;

    public async Task<long> LastChangeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COALESCE(MAX(position), 0) FROM membership_changes", cancellationToken: cancellationToken));
    }

    /// <summary>What changed after a position, in order; not necessarily all of it.</summary>
    public async Task<IReadOnlyList<MembershipChangeRow>> ChangesAfterAsync(long position, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<MembershipChangeRow>(new CommandDefinition(
            """
            SELECT position, conversation_id, kind, user_id, server FROM membership_changes
            WHERE position > @position ORDER BY position LIMIT @Page
            """,
            new { position, Page },
            cancellationToken: cancellationToken))];
    }

    /// <returns>The conversation as it is now, or <see langword="null"/> when nobody is in it.</returns>
    public async Task<Conversation?> FindAsync(ConversationId id, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return ConversationRows.FindForAnybody(connection, id);
    }
}
