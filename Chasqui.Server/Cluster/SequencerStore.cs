using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Cluster;

/// <summary>What a feed has to know of the database.</summary>
/// <param name="Position">Read first: the messages and members that follow are at least as new.</param>
/// <param name="Members">The members, where they were asked for.</param>
/// <param name="Messages">What follows a <c>seq</c>, in order; not necessarily all of it.</param>
internal sealed record SequencerPage(StreamPosition Position, IReadOnlySet<UserId>? Members, IReadOnlyList<Message> Messages);

/// <summary>Reads what feeds are missing.</summary>
internal sealed class SequencerStore(DbDataSource readers, MessageStore messages)
{
    /// <summary>What is read at once, in messages and in characters.</summary>
    private const int Page = 200;

    private const int PageCharacters = 64 * 1024;

    /// <summary>Conversations that are asked about in one query.</summary>
    private const int MostAtOnce = 1_000;

    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<SequencerPage> ReadAsync(ConversationId conversation, long after, bool withMembers)
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

        return new SequencerPage(position, members, position.LastSeq > after ? await MessagesAsync(conversation, after) : []);
    }

    /// <summary>What follows a <c>seq</c>.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public Task<IReadOnlyList<Message>> MessagesAsync(ConversationId conversation, long after) =>
        messages.PartAfterAsync(conversation, after, Page, PageCharacters, CancellationToken.None);

    /// <summary>Where conversations stand; of those that there are.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<IReadOnlyList<ConversationPosition>> PositionsAsync(IReadOnlyCollection<ConversationId> conversations, CancellationToken cancellationToken)
    {
        var positions = new List<ConversationPosition>(conversations.Count);
        foreach (var part in conversations.Chunk(MostAtOnce))
        {
            byte[][] ids = [.. part.Select(id => id.Value.ToBytes())];
            await using var connection = await readers.OpenConnectionAsync(cancellationToken);
            positions.AddRange((await connection.QueryAsync<(ConversationId Id, long LastSeq, long MembershipVersion)>(new CommandDefinition(
                $"SELECT id, last_seq, membership_version FROM conversations WHERE {connection.IsOneOf("id", "@ids")}",
                new { ids },
                cancellationToken: cancellationToken)))
                .Select(row => new ConversationPosition(row.Id, new StreamPosition(row.LastSeq, row.MembershipVersion))));
        }

        return positions;
    }
}
