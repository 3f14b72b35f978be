using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Cluster;

/// <summary>What a sequencer reads at once.</summary>
/// <param name="Position">Read first: the members and messages that follow are at least as new.</param>
/// <param name="Members">The members, where they were asked for.</param>
/// <param name="Messages">The first messages after the newest one that was delivered, in order.</param>
/// <param name="Missed">The first messages that a joining connection missed, in order.</param>
internal sealed record SequencerPage(
    StreamPosition Position, IReadOnlySet<UserId>? Members, IReadOnlyList<Message> Messages, IReadOnlyList<Message> Missed);

/// <summary>Reads what sequencers are missing.</summary>
internal sealed class SequencerStore(DbDataSource readers, MessageStore messages)
{
    private const int MaxMessages = 200;
    private const int MaxCharacters = 64 * 1024;
    private const int MaxPositionsPerQuery = 1_000;

    /// <param name="conversation">The conversation.</param>
    /// <param name="after">The <c>seq</c> before the messages.</param>
    /// <param name="withMembers">Whether to read the members.</param>
    /// <param name="missedAfter">The <c>seq</c> before the missed messages, if any are needed.</param>
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
            position.LastSeq > after ? await MessagesAsync(conversation, after) : [],
            missedAfter is { } missed ? await MessagesAsync(conversation, missed) : []);
    }

    /// <summary>The positions of those conversations that exist.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<IReadOnlyList<ConversationPosition>> PositionsAsync(
        IReadOnlyCollection<ConversationId> conversations, CancellationToken cancellationToken)
    {
        var positions = new List<ConversationPosition>(conversations.Count);
        foreach (var chunk in conversations.Chunk(MaxPositionsPerQuery))
        {
            byte[][] ids = [.. chunk.Select(id => id.Value.ToBytes())];
            await using var connection = await readers.OpenConnectionAsync(cancellationToken);
            var rows = await connection.QueryAsync<(ConversationId Id, long LastSeq, long MembershipVersion)>(new CommandDefinition(
                $"SELECT id, last_seq, membership_version FROM conversations WHERE {connection.IsOneOf("id", "@ids")}",
                new { ids },
                cancellationToken: cancellationToken));
            positions.AddRange(rows.Select(row => new ConversationPosition(row.Id, new StreamPosition(row.LastSeq, row.MembershipVersion))));
        }

        return positions;
    }

    private Task<IReadOnlyList<Message>> MessagesAsync(ConversationId conversation, long after) =>
        messages.PartAfterAsync(conversation, after, MaxMessages, MaxCharacters, CancellationToken.None);
}
