using Chasqui.Server.Messages;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Cluster;

/// <summary>What a sequencer reads at once. The position is read first: members and messages are at least as new.</summary>
internal sealed record SequencerPage(
    StreamPosition Position, IReadOnlySet<UserId>? Members, IReadOnlyList<Message> Messages, IReadOnlyList<Message> Missed);

internal sealed class SequencerStore(DbDataSource readers, MessageStore messages)
{
    private const int MaxMessages = 200;
    private const int MaxCharacters = 64 * 1024;

    /// <summary>Reads the first messages after a <c>seq</c>; where needed also the members, and missed messages.</summary>
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
    public async Task<IReadOnlyList<ConversationEvent>> PositionsAsync(
        IEnumerable<ConversationId> conversations, CancellationToken cancellationToken)
    {
        byte[][] ids = [.. conversations.Select(id => id.Value.ToBytes())];
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(ConversationId Id, long LastSeq, long MembershipVersion)>(new CommandDefinition(
            $"SELECT id, last_seq, membership_version FROM conversations WHERE {connection.IsOneOf("id", "@ids")}",
            new { ids },
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => new ConversationEvent(row.Id, new StreamPosition(row.LastSeq, row.MembershipVersion)))];
    }

    private Task<IReadOnlyList<Message>> MessagesAsync(ConversationId conversation, long after) =>
        messages.PartAfterAsync(conversation, after, MaxMessages, MaxCharacters, CancellationToken.None);
}
