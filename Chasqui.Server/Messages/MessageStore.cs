using System.Data.Common;
using System.Runtime.CompilerServices;
using Chasqui.Protocol;
using Dapper;

namespace Chasqui.Server.Messages;

/// <summary>Reads the log. Every page is found by <c>seq</c>, so that it costs the same at any depth.</summary>
internal sealed class MessageStore(DbDataSource readers)
{
    private const string Columns = "id, conversation_id, sender_id, content, message_type, created_at, seq";

    /// <summary>What is read at once for a page of history: some ten of the longest messages, or any page of ordinary ones.</summary>
    private const int PartCharacters = 128 * 1024;

    private const string LastSeqSql = """
        SELECT last_seq FROM conversations
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @user)
        """;

    public const string UpToSql = $"""
        SELECT {Columns} FROM messages
        WHERE conversation_id = @conversation AND seq <= @seq ORDER BY seq DESC LIMIT @limit
        """;

    public const string AfterSql = $"""
        SELECT {Columns} FROM messages
        WHERE conversation_id = @conversation AND seq > @seq ORDER BY seq LIMIT @limit
        """;

    /// <returns>The newest <c>seq</c> of a conversation, or <see langword="null"/> when the user is no member of it.</returns>
    public async Task<long?> LastSeqAsync(ConversationId conversation, UserId user, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<long?>(
            new CommandDefinition(LastSeqSql, new { conversation, user }, cancellationToken: cancellationToken));
    }

    /// <summary>What stands at or below a <c>seq</c>, newest first.</summary>
    public IAsyncEnumerable<Message> UpToAsync(
        ConversationId conversation, long seq, int limit, CancellationToken cancellationToken) =>
        PageAsync(UpToSql, conversation, seq, nextStep: -1, limit, cancellationToken);

    /// <summary>What follows a <c>seq</c>, oldest first.</summary>
    public IAsyncEnumerable<Message> AfterAsync(
        ConversationId conversation, long seq, int limit, CancellationToken cancellationToken) =>
        PageAsync(AfterSql, conversation, seq, nextStep: 0, limit, cancellationToken);

    /// <summary>As <see cref="AfterAsync"/>, but all at once, and it ends where the characters do; one message always fits.</summary>
    public Task<IReadOnlyList<Message>> PartAfterAsync(
        ConversationId conversation, long seq, int limit, int maxCharacters, CancellationToken cancellationToken) =>
        PartAsync(AfterSql, conversation, seq, limit, maxCharacters, cancellationToken);

    /// <summary>As <see cref="LastSeqAsync"/>, for the writer.</summary>
    public static long? LastSeq(DbConnection connection, ConversationId conversation, UserId user) =>
        connection.QuerySingleOrDefault<long?>(LastSeqSql, new { conversation, user });

    /// <summary>The same, for the writer.</summary>
    public static IReadOnlyList<Message> PartAfter(
        DbConnection connection, ConversationId conversation, long seq, int limit, int maxCharacters) =>
        Part(connection, AfterSql, conversation, seq, limit, maxCharacters);

    /// <summary>
    /// Reads a page part by part, at the pace of whoever takes it: a page can be longer than what one reader may hold in memory,
    /// and no statement stays open meanwhile, since that would hold the log's checkpoints up. Messages never change, so that the
    /// parts fit together.
    /// </summary>
    private async IAsyncEnumerable<Message> PageAsync(
        string sql, ConversationId conversation, long seq, int nextStep, int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<Message> part;
        do
        {
            part = await PartAsync(sql, conversation, seq, limit, PartCharacters, cancellationToken);
            foreach (var message in part)
            {
                yield return message;
            }

            limit -= part.Count;
            seq = part is [.., var last] ? last.Seq + nextStep : seq;
        }
        // Nothing stands below the first.
        while (part.Count > 0 && limit > 0 && seq > 0);
    }

    private async Task<IReadOnlyList<Message>> PartAsync(
        string sql, ConversationId conversation, long seq, int limit, int maxCharacters, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return Part(connection, sql, conversation, seq, limit, maxCharacters);
    }

    /// <summary>Unbuffered: rows past the last character are not read, but for one.</summary>
    private static List<Message> Part(
        DbConnection connection, string sql, ConversationId conversation, long seq, int limit, int maxCharacters)
    {
        var characters = 0;
        return [.. connection.Query<Message>(sql, new { conversation, seq, limit }, buffered: false)
            .TakeWhile((message, i) => (characters += message.Content.Length) <= maxCharacters || i == 0)];
    }
}
