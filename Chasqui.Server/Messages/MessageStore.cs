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

    private const string ExtentSql = """
        SELECT last_seq, message_count FROM conversations
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @user)
        """;

    private static readonly string[] ExtentParameters = ["@conversation", "@user"];

    /// <returns>How long a conversation is, or <see langword="null"/> when the user is no member of it.</returns>
    public async ValueTask<LogExtent?> ExtentAsync(ConversationId conversation, UserId user, CancellationToken cancellationToken)
    {
        if (table.Find(conversation)?.TryFindExtent(user, out var known) is true)
        {
            return known;
        }

        using var session = await sessions.RentAsync(cancellationToken);
        var read = session.Command(ExtentSql, ExtentParameters, conversation.Value.ToBytes(), user.Value.ToBytes());
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        if (table.HasHeads)
        {
            _ = LoadAsync(conversation, user);
        }

        return new LogExtent(row.ReadNumber(0), row.ReadNumber(1));
    }

    /// <summary>The <c>seq</c> of the message with a number; 0 where there is none.</summary>
    public async ValueTask<long> SeqOfAsync(
        ConversationId conversation, long number, LogExtent extent, CancellationToken cancellationToken)
    {
        // Without other events both are the same.
        if (number <= 0 || extent.LastSeq == extent.Messages)
        {
            return Math.Max(0, number);
        }

        if (table.Find(conversation)?.SeqOf(number) is { } known)
        {
            return known;
        }

        using var session = await sessions.RentAsync(cancellationToken);
        var find = MessageRows.Find(session, table.Rows[0].ByNumberSql, conversation, number, extent.LastSeq);
        return (long)(await find.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The number of the newest message up to a <c>seq</c>; 0 where there is none.</summary>
    public async Task<long> NumberAtAsync(ConversationId conversation, long seq, CancellationToken cancellationToken) =>
        await PartAsync(conversation, seq, descending: true, limit: 1, PartCharacters, cancellationToken) is [var newest]
            ? newest.Number
            : 0;

    /// <summary>A message to answer, or why there is none.</summary>
    public async Task<(MessageReference? Reference, Error? Refusal)> FindReferenceAsync(
        ConversationId conversation, UserId user, MessageId message, CancellationToken cancellationToken)
    {
        if (await ExtentAsync(conversation, user, cancellationToken) is null)
        {
            return (null, MessageErrors.ConversationNotFound);
        }

        using var session = await sessions.RentAsync(cancellationToken);
        return table.FindMessage(session, conversation, message)?.Message is { } found
            ? (new MessageReference(found.Id, found.Seq), null)
            : (null, MessageErrors.MessageNotFound);
    }

    /// <summary>
    /// A page in parts, at the pace of its reader: it may be too large for memory, and an open statement would hold up
    /// checkpoints. Messages keep their places, so the parts fit together.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="seq">Of the first message, or of an event before it.</param>
    /// <param name="descending">Whether older messages follow it.</param>
    /// <param name="last">No message after this <c>seq</c> belongs to the page.</param>
    /// <param name="limit">The messages of the page.</param>
    /// <param name="work">Charged for what is read; the page waits while it is used up.</param>
    /// <param name="mayReadOnAsync">Asked before each part but the first.</param>
    /// <param name="cancellationToken">Ends the page.</param>
    public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> PageAsync(
        ConversationId conversation, long seq, long last, bool descending, int limit, Allowance? work,
        Func<Task<bool>> mayReadOnAsync,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Nothing stands below the first.
        for (var isFirst = true; limit > 0 && seq > 0 && (isFirst || await mayReadOnAsync()); isFirst = false)
        {
            await (work?.WhenWithinAsync(cancellationToken) ?? Task.CompletedTask);
            var part = await PartAsync(conversation, seq, descending, limit, PartCharacters, cancellationToken);
            work?.Charge(part.Sum(stored => 1 + (stored.Characters / FixedLimits.CharactersPerWork)));
            part.RemoveAll(stored => stored.Seq > last);
            if (part is not [.., var newest])
            {
                break;
            }

            yield return part;

            limit -= part.Count;
            seq = newest.Seq + (descending ? -1 : 1);
        }
    }

    /// <summary>The events after a <c>seq</c>, as many as the characters allow; one always fits.</summary>
    public async Task<IReadOnlyList<StoredEvent>> EventsAfterAsync(
        ConversationId conversation, long seq, int limit, int maxCharacters, CancellationToken cancellationToken)
    {
        if (table.Find(conversation)?.Events(seq + 1, limit, maxCharacters) is { Count: > 0 } atHand)
        {
            return atHand;
        }

        using var session = await sessions.RentAsync(cancellationToken);
        return table.EventsAfter(session, conversation, seq, limit, maxCharacters);
    }

    private async Task<List<StoredEvent>> PartAsync(
        ConversationId conversation, long seq, bool descending, int limit, int maxCharacters, CancellationToken cancellationToken)
    {
        var head = table.Find(conversation);
        var version = head?.Version ?? 0;
        if (head?.Messages(seq, descending, limit, maxCharacters) is { Count: > 0 } atHand)
        {
            return atHand;
        }

        using var session = await sessions.RentAsync(cancellationToken);
        var part = new List<StoredEvent>();
        foreach (var rows in table.Rows)
        {
            var page = rows.From(session, conversation, seq, descending, limit);
            await using var reader = await page.ExecuteReaderAsync(cancellationToken);
            part = MessageRows.Read(reader, conversation, maxCharacters);
            await reader.DisposeAsync();
            // Otherwise the message has been committed just now, or its head was evicted: it still has to settle.
            if (part is [var first, ..] && (!descending || first.Seq == seq || IsSettled(session, rows, conversation, seq)))
            {
                if (descending && head is not null)
                {
                    table.Keep(head, part, version);
                }

                return part;
            }
        }

        return part;
    }

    /// <summary>Messages of a conversation settle in order: all up to one that has settled.</summary>
    private static bool IsSettled(ReadSession session, MessageRows rows, ConversationId conversation, long seq)
    {
        using var later = rows.From(session, conversation, seq + 1, descending: false, limit: 1).ExecuteReader();
        return later.Read();
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
