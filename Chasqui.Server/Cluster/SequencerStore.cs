using Chasqui.Server.Messages;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Cluster;

/// <summary>What a sequencer reads at once. The position is read first: members and events are at least as new.</summary>
internal sealed record SequencerPage(
    StreamPosition Position, IReadOnlySet<UserId>? Members, IReadOnlyList<IConversationEvent> Events,
    IReadOnlyList<IConversationEvent> Missed);

internal sealed class SequencerStore(DbDataSource readers, MessageStore messages)
{
    private const int MaxEvents = 200;
    private const int MaxCharacters = 64 * 1024;

    /// <summary>Reads the first events after a <c>seq</c>; where needed also the members, and missed events.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<SequencerPage> ReadAsync(ConversationId conversation, long after, bool withMembers, long? missedAfter)
    {
        StreamPosition position;
        IReadOnlySet<UserId>? members = null;
        await using (var connection = await readers.OpenConnectionAsync())
        {
            position = await connection.QuerySingleOrDefaultAsync<StreamPosition>(
                "SELECT last_seq, membership_version FROM conversations WHERE id = @conversation", new { conversation });
            if (withMembers)
            {
                members = (await connection.QueryAsync<UserId>(
                    "SELECT user_id FROM participants WHERE conversation_id = @conversation", new { conversation })).ToHashSet();
            }
        }

        return new SequencerPage(
            position,
            members,
            position.LastSeq > after ? await EventsAsync(conversation, after) : [],
            missedAfter is { } missed ? await EventsAsync(conversation, missed) : []);
    }

    /// <summary>The positions of those conversations that exist.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<IReadOnlyList<ReachedPosition>> PositionsAsync(
        IEnumerable<ConversationId> conversations, CancellationToken cancellationToken)
    {
        byte[][] ids = [.. conversations.Select(id => id.Value.ToBytes())];
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(ConversationId Id, long LastSeq, long MembershipVersion)>(new CommandDefinition(
            $"SELECT id, last_seq, membership_version FROM conversations WHERE {connection.IsOneOf("id", "@ids")}",
            new { ids },
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => new ReachedPosition(row.Id, new StreamPosition(row.LastSeq, row.MembershipVersion)))];
    }

    private async Task<IReadOnlyList<IConversationEvent>> EventsAsync(ConversationId conversation, long after)
    {
        var events = await messages.EventsAfterAsync(conversation, after, MaxEvents, MaxCharacters, CancellationToken.None);
        return [.. events.Select(stored => stored.Event)];
    }
}
