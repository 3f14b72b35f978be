using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Reads the log. Every page is found by <c>seq</c>, so that it costs the same at any depth.</summary>
internal sealed class MessageStore(ReadSessions sessions)
{
    private const string Columns = "id, sender_id, content, created_at, seq";

    /// <summary>Not the bare parameter: each time it was given another value, SQLite would prepare the statement anew.</summary>
    private const string Limit = "@limit + 0";

    /// <summary>
    /// What is read at once for a page of history: some of the longest messages, or a page of ordinary ones.
    /// </summary>
    private const int PartCharacters = 32 * 1024;

    private const string LastSeqSql = """
        SELECT last_seq FROM conversations
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @user)
        """;

    private const string PositionSql = """
        SELECT last_seq, membership_version FROM conversations
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @user)
        """;

    public const string UpToSql = $"""
        SELECT {Columns} FROM messages
        WHERE conversation_id = @conversation AND seq <= @seq ORDER BY seq DESC LIMIT {Limit}
        """;

    public const string AfterSql = $"""
        SELECT {Columns} FROM messages
        WHERE conversation_id = @conversation AND seq > @seq ORDER BY seq LIMIT {Limit}
        """;

    private static readonly string[] LastSeqParameters = ["@conversation", "@user"];
    private static readonly string[] PageParameters = ["@conversation", "@seq", "@limit"];

    /// <returns>The newest <c>seq</c> of a conversation, or <see langword="null"/> when the user is no member of it.</returns>
    public async Task<long?> LastSeqAsync(ConversationId conversation, UserId user, CancellationToken cancellationToken)
    {
        using var session = await sessions.RentAsync(cancellationToken);
        return (long?)await session.Command(LastSeqSql, LastSeqParameters, conversation.Value.ToBytes(), user.Value.ToBytes())
            .ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>What stands at or below a <c>seq</c>, newest first.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="seq">Where the page begins.</param>
    /// <param name="limit">The messages of the page.</param>
    /// <param name="mayReadOnAsync">Asked before each part but the first.</param>
    /// <param name="cancellationToken">Ends the page.</param>
    public IAsyncEnumerable<IReadOnlyList<Message>> UpToAsync(
        ConversationId conversation, long seq, int limit, Func<Task<bool>> mayReadOnAsync, CancellationToken cancellationToken) =>
        PageAsync(UpToSql, conversation, seq, nextStep: -1, limit, mayReadOnAsync, cancellationToken);

    /// <summary>As <see cref="UpToAsync"/>, but what follows a <c>seq</c>, oldest first.</summary>
    public IAsyncEnumerable<IReadOnlyList<Message>> AfterAsync(
        ConversationId conversation, long seq, int limit, Func<Task<bool>> mayReadOnAsync, CancellationToken cancellationToken) =>
        PageAsync(AfterSql, conversation, seq, nextStep: 0, limit, mayReadOnAsync, cancellationToken);

    /// <summary>
    /// As <see cref="AfterAsync"/>, but one part alone, which ends where the characters do; one message always fits.
    /// </summary>
    public Task<IReadOnlyList<Message>> PartAfterAsync(
        ConversationId conversation, long seq, int limit, int maxCharacters, CancellationToken cancellationToken) =>
        PartAsync(AfterSql, conversation, seq, limit, maxCharacters, cancellationToken);

    /// <summary>
    /// For the writer: where a conversation stands, or <see langword="null"/> when the user is no member of it.
    /// </summary>
    public static StreamPosition? PositionFor(Session session, ConversationId conversation, UserId user)
    {
        using var row = session.Command(PositionSql, LastSeqParameters, conversation.Value.ToBytes(), user.Value.ToBytes()).ExecuteReader();
        return row.Read() ? new StreamPosition(row.ReadNumber(0), row.ReadNumber(1)) : null;
    }

    /// <summary>As <see cref="PartAfterAsync"/>, for the writer.</summary>
    public static IReadOnlyList<Message> PartAfter(
        Session session, ConversationId conversation, long seq, int limit, int maxCharacters)
    {
        using var rows = session.Command(AfterSql, PageParameters, conversation.Value.ToBytes(), seq, limit).ExecuteReader();
        return Part(rows, conversation, maxCharacters);
    }

    /// <summary>
    /// Reads a page in parts, at the pace of the reader: a page may be too large for memory, and an open statement would hold up
    /// checkpoints. Messages never change, so the parts fit together.
    /// </summary>
    private async IAsyncEnumerable<IReadOnlyList<Message>> PageAsync(
        string sql, ConversationId conversation, long seq, int nextStep, int limit, Func<Task<bool>> mayReadOnAsync,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (limit > 0)
        {
            var part = await PartAsync(sql, conversation, seq, limit, PartCharacters, cancellationToken);
            yield return part;

            limit -= part.Count;
            seq = part is [.., var last] ? last.Seq + nextStep : 0;
            // Nothing stands below the first.
            if (limit > 0 && (seq == 0 || !await mayReadOnAsync()))
            {
                break;
            }
        }
    }

    private async Task<IReadOnlyList<Message>> PartAsync(
        string sql, ConversationId conversation, long seq, int limit, int maxCharacters, CancellationToken cancellationToken)
    {
        using var session = await sessions.RentAsync(cancellationToken);
        await using var rows = await session.Command(sql, PageParameters, conversation.Value.ToBytes(), seq, limit)
            .ExecuteReaderAsync(cancellationToken);
        return Part(rows, conversation, maxCharacters);
    }

    /// <summary>Rows past the last character are not read, but for one.</summary>
    private static List<Message> Part(DbDataReader rows, ConversationId conversation, int maxCharacters)
    {
        var part = new List<Message>();
        var characters = 0;
        while (rows.Read())
        {
            var message = Read(rows, conversation);
            characters += message.Content.Length;
            if (characters > maxCharacters && part.Count > 0)
            {
                break;
            }

            part.Add(message);
        }

        return part;
    }

    private static Message Read(DbDataReader row, ConversationId conversation) => new()
    {
        Id = new MessageId(row.ReadUuid(0)),
        ConversationId = conversation,
        SenderId = new UserId(row.ReadUuid(1)),
        Content = row.ReadText(2),
        CreatedAt = row.ReadTime(3),
        Seq = row.ReadNumber(4),
    };
}
