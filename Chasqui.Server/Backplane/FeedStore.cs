using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Backplane;

/// <summary>What a feed has to know of the database.</summary>
/// <param name="Standing">Read first: the messages and members that follow are at least as new.</param>
/// <param name="Members">The members, where they were asked for.</param>
/// <param name="Messages">What follows a <c>seq</c>, in order; not necessarily all of it.</param>
internal sealed record FeedPage(Standing Standing, IReadOnlySet<UserId>? Members, IReadOnlyList<Message> Messages);

/// <summary>Reads what feeds are missing.</summary>
internal sealed class FeedStore(DbDataSource readers, MessageStore messages)
{
    /// <summary>What is read at once, in messages and in characters.</summary>
    private const int Page = 200;

    private const int PageCharacters = 64 * 1024;

    /// <summary>Conversations that are asked about in one query.</summary>
    private const int MostAtOnce = 1_000;

    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<FeedPage> ReadAsync(ConversationId conversation, long after, bool withMembers)
    {
        Standing standing;
        IReadOnlySet<UserId>? members = null;
        await using (var connection = await readers.OpenConnectionAsync())
        {
            standing = await connection.QuerySingleOrDefaultAsync<Standing>(
                "SELECT last_seq, removals FROM conversations WHERE id = @conversation", new { conversation });
            if (withMembers)
            {
                members = (await connection.QueryAsync<UserId>(
                    "SELECT user_id FROM participants WHERE conversation_id = @conversation", new { conversation })).ToHashSet();
            }
        }

        return new FeedPage(standing, members, standing.LastSeq > after ? await MessagesAsync(conversation, after) : []);
    }

    /// <summary>What follows a <c>seq</c>.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public Task<IReadOnlyList<Message>> MessagesAsync(ConversationId conversation, long after) =>
        messages.PartAfterAsync(conversation, after, Page, PageCharacters, CancellationToken.None);

    /// <summary>Where conversations stand; of those that there are.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<IReadOnlyList<Stands>> StandingsAsync(IReadOnlyCollection<ConversationId> conversations, CancellationToken cancellationToken)
    {
        var standings = new List<Stands>(conversations.Count);
        foreach (var part in conversations.Chunk(MostAtOnce))
        {
            byte[][] ids = [.. part.Select(id => id.Value.ToBytes())];
            await using var connection = await readers.OpenConnectionAsync(cancellationToken);
            standings.AddRange((await connection.QueryAsync<(ConversationId Id, long LastSeq, long Removals)>(new CommandDefinition(
                $"SELECT id, last_seq, removals FROM conversations WHERE {connection.IsOneOf("id", "@ids")}",
                new { ids },
                cancellationToken: cancellationToken)))
                .Select(row => new Stands(row.Id, new Standing(row.LastSeq, row.Removals))));
        }

        return standings;
    }
}
