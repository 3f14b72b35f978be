using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Reads the log: the newest messages of a conversation in use from memory, the others from the table.</summary>
internal sealed class MessageStore(ReadSessions sessions, MessageTable table, WriteQueue writes)
{
    /// <summary>
    /// What is read at once for a page of history: some of the longest messages, or a page of ordinary ones.
    /// </summary>
    private const int PartCharacters = 32 * 1024;

    private const string LastSeqSql = """
        SELECT last_seq FROM conversations
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @user)
        """;

    private static readonly string[] LastSeqParameters = ["@conversation", "@user"];

    /// <summary>Where a page is looked for, one after the other.</summary>
    private readonly MessageRows[] _tables =
        [.. new[] { table.Settled, MessageTable.All }.Distinct().Select(name => new MessageRows(name))];

    /// <returns>The newest <c>seq</c> of a conversation, or <see langword="null"/> when the user is no member of it.</returns>
    public async ValueTask<long?> LastSeqAsync(ConversationId conversation, UserId user, CancellationToken cancellationToken)
    {
        if (table.Find(conversation)?.TryFindLastSeq(user, out var known) is true)
        {
            return known;
        }

        using var session = await sessions.RentAsync(cancellationToken);
        var read = session.Command(LastSeqSql, LastSeqParameters, conversation.Value.ToBytes(), user.Value.ToBytes());
        var lastSeq = (long?)await read.ExecuteScalarAsync(cancellationToken);
        if (lastSeq is not null && table.HasHeads)
        {
            _ = LoadAsync(conversation, user);
        }

        return lastSeq;
    }

    /// <summary>
    /// A page in parts, at the pace of its reader: it may be too large for memory, and an open statement would hold up checkpoints.
    /// Messages never change, so the parts fit together.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="seq">Of the first message; there must be one.</param>
    /// <param name="descending">Whether older messages follow it.</param>
    /// <param name="limit">The messages of the page.</param>
    /// <param name="work">Charged for what is read; the page waits while it is used up.</param>
    /// <param name="mayReadOnAsync">Asked before each part but the first.</param>
    /// <param name="cancellationToken">Ends the page.</param>
    public async IAsyncEnumerable<IReadOnlyList<StoredMessage>> PageAsync(
        ConversationId conversation, long seq, bool descending, int limit, Allowance? work, Func<Task<bool>> mayReadOnAsync,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Nothing stands below the first.
        for (var isFirst = true; limit > 0 && seq > 0 && (isFirst || await mayReadOnAsync()); isFirst = false)
        {
            await (work?.WhenWithinAsync(cancellationToken) ?? Task.CompletedTask);
            var part = await PartAsync(conversation, seq, descending, limit, PartCharacters, cancellationToken);
            work?.Charge(part.Sum(stored => 1 + (stored.Message.Content.Length / FixedLimits.CharactersPerWork)));
            if (part is not [.., var last])
            {
                break;
            }

            yield return part;

            limit -= part.Count;
            seq = last.Seq + (descending ? -1 : 1);
        }
    }

    /// <summary>The messages after a <c>seq</c>, as many as the characters allow; one always fits.</summary>
    public async Task<IReadOnlyList<Message>> PartAfterAsync(
        ConversationId conversation, long seq, int limit, int maxCharacters, CancellationToken cancellationToken)
    {
        var part = await PartAsync(conversation, seq + 1, descending: false, limit, maxCharacters, cancellationToken);
        return part.ConvertAll(stored => stored.Message);
    }

    private async Task<List<StoredMessage>> PartAsync(
        ConversationId conversation, long seq, bool descending, int limit, int maxCharacters, CancellationToken cancellationToken)
    {
        var head = table.Find(conversation);
        if (head?.From(seq, descending, limit, maxCharacters) is { Count: > 0 } atHand)
        {
            return atHand;
        }

        using var session = await sessions.RentAsync(cancellationToken);
        foreach (var rows in _tables)
        {
            var read = rows.From(session, conversation, seq, descending, limit);
            await using var reader = await read.ExecuteReaderAsync(cancellationToken);
            var part = MessageRows.Read(reader, conversation, maxCharacters);
            // Otherwise the message has been committed just now, or its head was evicted: it still has to settle.
            if (part is [var first, ..] && first.Seq == seq)
            {
                if (descending && head is not null)
                {
                    table.Keep(head, part);
                }

                return part;
            }
        }

        return [];
    }

    /// <summary>The next readers of the conversation find it in memory.</summary>
    private async Task LoadAsync(ConversationId conversation, UserId user)
    {
        try
        {
            await writes.RunAsync(session => table.PositionFor(session, conversation, user));
        }
        catch (WriteRefusedException)
        {
            // They read the database.
        }
    }
}
