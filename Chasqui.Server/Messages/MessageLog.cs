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
    /// <summary>
    /// What the writer itself replays; a longer way is gone on the joiner's own time first, so that nobody waits for it.
    /// </summary>
    private const int MaxTail = 32;

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
    /// Replays what followed <paramref name="after"/> and goes over into the live messages: pages of history while far
    /// behind, at the pace of the connection, and the last few inside the writer, where nothing can come in between.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="user">Who joins.</param>
    /// <param name="connectionId">On which connection.</param>
    /// <param name="after">The newest <c>seq</c> that the client has.</param>
    /// <param name="whenDrained">Completes when the connection's output has room.</param>
    /// <param name="cancellationToken">The connection's end.</param>
    /// <returns><see langword="null"/> when the user is no member.</returns>
    public async Task<Joined?> JoinAfterAsync(
        ConversationId conversation, UserId user, string connectionId, long after, Func<Task> whenDrained,
        CancellationToken cancellationToken)
    {
        var lastSeq = await messages.LastSeqAsync(conversation, user, cancellationToken);
        if (lastSeq < after || lastSeq - after > ChatLimits.MaxReplayedMessages)
        {
            return await JoinAsync(conversation, user, connectionId) is { } newest ? new Joined(newest, false) : null;
        }

        var replayed = after;
        while (true)
        {
            if (lastSeq is null)
            {
                return null;
            }

            while (lastSeq - replayed > MaxTail)
            {
                foreach (var message in await messages.AfterAsync(conversation, replayed, ReplayPage, cancellationToken))
                {
                    fanOut.Replay(connectionId, message);
                    replayed = message.Seq;
                }

                await whenDrained();
            }

            if (await JoinTailAsync(conversation, user, connectionId, replayed) is not { } tail)
            {
                return null;
            }

            if (tail.Replayed)
            {
                return tail;
            }

            // The conversation ran ahead in the meantime.
            lastSeq = tail.LastSeq;
            cancellationToken.ThrowIfCancellationRequested();
        }
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

                var near = lastSeq - after <= MaxTail;
                tail = near ? MessageStore.After(session.Connection, conversation, after, MaxTail) : [];
                return new Joined(lastSeq, near);
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
