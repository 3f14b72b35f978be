using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Where a join stands in the log.</summary>
/// <param name="LastSeq">The newest message; everything after it comes live.</param>
/// <param name="Replayed">Whether what followed <c>after</c> was replayed up to there.</param>
internal readonly record struct Joined(long LastSeq, bool Replayed);

/// <summary>
/// The log of all conversations: what is appended to it is on disk before anybody hears of it, and joining, leaving and
/// appending happen in one order, so that a connection's live messages begin exactly where its join stands.
/// </summary>
internal sealed class MessageLog(WriteQueue writes, MessageStore messages, FanOut fanOut, TimeProvider clock)
{
    /// <summary>What the writer itself replays, in messages; a longer way is gone on the joiner's own time, so that nobody waits for it.</summary>
    private const int MaxTail = 100;

    /// <summary>The same in characters: even the longest tail fits into a connection's output.</summary>
    private const int MaxTailCharacters = 64 * 1024;

    private const int ReplayPage = 100;

    /// <exception cref="WriteRefusedException">The message was not stored.</exception>
    public Task<Appended> AppendAsync(Draft draft)
    {
        var append = new AppendMessage(draft, fanOut, clock);
        writes.Enqueue(append);
        return append.Completion;
    }

    /// <summary>Starts the live messages of a conversation on a connection.</summary>
    /// <returns>The newest <c>seq</c>, or <see langword="null"/> when the user is no member.</returns>
    public Task<long?> JoinAsync(ConversationId conversation, UserId user, string connectionId) => writes.RunAsync(
        session => MessageStore.LastSeq(session.Connection, conversation, user),
        lastSeq =>
        {
            if (lastSeq is not null)
            {
                fanOut.Join(connectionId, conversation);
            }
        });

    /// <summary>
    /// Replays what followed <paramref name="after"/> and goes over into the live messages: pages of history first, at the
    /// pace of the connection, and what was said meanwhile inside the writer, where nothing can come in between.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="user">Who joins.</param>
    /// <param name="connectionId">On which connection.</param>
    /// <param name="after">The newest <c>seq</c> that the client has.</param>
    /// <param name="whenRoom">Completes when the connection's output has room.</param>
    /// <param name="cancellationToken">The connection's end.</param>
    /// <returns><see langword="null"/> when the user is no member.</returns>
    public async Task<Joined?> JoinAfterAsync(
        ConversationId conversation, UserId user, string connectionId, long after, Func<Task> whenRoom,
        CancellationToken cancellationToken)
    {
        // A connection that had joined before goes back to `after`: nothing live may come in between.
        var lastSeq = await writes.RunAsync(
            session => MessageStore.LastSeq(session.Connection, conversation, user),
            _ => fanOut.Leave(connectionId, conversation));
        if (lastSeq < after || lastSeq - after > ChatLimits.MaxReplayedMessages)
        {
            return await JoinAsync(conversation, user, connectionId) is { } newest ? new Joined(newest, false) : null;
        }

        var replayed = after;
        while (lastSeq is not null)
        {
            while (replayed < lastSeq)
            {
                foreach (var message in await messages.AfterAsync(conversation, replayed, ReplayPage, cancellationToken))
                {
                    await whenRoom();
                    fanOut.Replay(connectionId, message);
                    replayed = message.Seq;
                }
            }

            await whenRoom();
            var tail = await JoinTailAsync(conversation, user, connectionId, replayed);
            if (tail is { Replayed: true })
            {
                return tail;
            }

            // The conversation ran ahead in the meantime.
            lastSeq = tail?.LastSeq;
            cancellationToken.ThrowIfCancellationRequested();
        }

        return null;
    }

    public Task LeaveAsync(ConversationId conversation, string connectionId) =>
        writes.RunAsync(static _ => true, _ => fanOut.Leave(connectionId, conversation));

    private Task<Joined?> JoinTailAsync(ConversationId conversation, UserId user, string connectionId, long after)
    {
        IReadOnlyList<Message> tail = [];
        return writes.RunAsync<Joined?>(
            session =>
            {
                if (MessageStore.LastSeq(session.Connection, conversation, user) is not { } lastSeq)
                {
                    return null;
                }

                tail = lastSeq - after <= MaxTail ? MessageStore.After(session.Connection, conversation, after, MaxTail) : [];
                return new Joined(
                    lastSeq, after + tail.Count == lastSeq && tail.Sum(message => message.Content.Length) <= MaxTailCharacters);
            },
            joined =>
            {
                if (joined is not { Replayed: true })
                {
                    return;
                }

                foreach (var message in tail)
                {
                    fanOut.Replay(connectionId, message);
                }

                fanOut.Join(connectionId, conversation);
            });
    }
}
