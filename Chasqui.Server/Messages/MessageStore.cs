using System.Data.Common;
using Chasqui.Protocol;
using Dapper;

namespace Chasqui.Server.Messages;

/// <summary>Reads the log. Every page is found by <c>seq</c>, so that it costs the same at any depth.</summary>
internal sealed class MessageStore(DbDataSource readers)
{
    private const string Columns = "id, conversation_id, sender_id, content, message_type, created_at, seq";

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
    public Task<IReadOnlyList<Message>> UpToAsync(
        ConversationId conversation, long seq, int limit, CancellationToken cancellationToken) =>
        PageAsync(UpToSql, conversation, seq, limit, cancellationToken);

    /// <summary>What follows a <c>seq</c>, oldest first.</summary>
    public Task<IReadOnlyList<Message>> AfterAsync(
        ConversationId conversation, long seq, int limit, CancellationToken cancellationToken) =>
        PageAsync(AfterSql, conversation, seq, limit, cancellationToken);

    /// <summary>As <see cref="LastSeqAsync"/>, for the writer.</summary>
    public static long? LastSeq(DbConnection connection, ConversationId conversation, UserId user) =>
        connection.QuerySingleOrDefault<long?>(LastSeqSql, new { conversation, user });

    /// <summary>As <see cref="AfterAsync"/>, for the writer.</summary>
    public static IReadOnlyList<Message> After(DbConnection connection, ConversationId conversation, long seq, int limit) =>
        connection.Query<Message>(AfterSql, new { conversation, seq, limit }).AsList();

    private async Task<IReadOnlyList<Message>> PageAsync(
        string sql, ConversationId conversation, long seq, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        var page = await connection.QueryAsync<Message>(
            new CommandDefinition(sql, new { conversation, seq, limit }, cancellationToken: cancellationToken));
        return page.AsList();
    }
}
