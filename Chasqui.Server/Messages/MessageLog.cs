using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>The result of a join.</summary>
/// <param name="LastSeq">The newest <c>seq</c>; everything after it is sent live.</param>
/// <param name="Replayed">
/// Whether everything after <c>after</c> was replayed up to there; <see langword="null"/> where it was not asked for.
/// </param>
internal readonly record struct Joined(long LastSeq, bool? Replayed);

/// <summary>
/// Appends messages and lets connections join. Appends and joins take effect in the writer's order, so that the live messages of
/// a connection begin exactly after the <c>seq</c> of its join.
/// </summary>
internal sealed class MessageLog(
    IDatabase database, WriteQueue writes, MessageStore messages, MessageTable table, IFanOut fanOut,
    MessageMetrics metrics, TimeProvider clock)
{
    /// <summary>Messages of a replay that are read at once.</summary>
    private const int ReplayPage = 100;

    /// <summary>
    /// The same in characters, of up to six bytes each: two pages and a quarter of the queue fit into the smallest output.
    /// </summary>
    private const int ReplayPageCharacters = 24 * 1024;

    /// <summary>In another epoch a <c>seq</c> may stand for another message.</summary>
    public string Epoch => database.Epoch;

    /// <param name="draft">The message.</param>
    /// <param name="inline">
    /// Whether the caller goes on on the writer thread, and then only writes an answer: that spares a thread switch for each
    /// message, and in a commit of several messages the answer leaves in the same packet as the broadcast.
    /// </param>
    /// <exception cref="WriteRefusedException">The message was not stored.</exception>
    public Task<Appended> AppendAsync(Draft draft, bool inline = false)
    {
        var completion = inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;
        var write = new AppendMessage(draft, completion, table, fanOut, metrics, clock);
        writes.Enqueue(write);
        return write.Completion;
    }

    /// <summary>Starts the live messages of a conversation on a connection.</summary>
    /// <returns><see langword="null"/> when the user is not a member.</returns>
    public async Task<Joined?> JoinAsync(ConversationId conversation, UserId user, string connectionId)
    {
        using var expected = fanOut.Expect(conversation);
        var position = await writes.RunAsync(
            session => table.PositionFor(session, conversation, user),
            position =>
            {
                if (position is { } found)
                {
                    fanOut.Join(connectionId, user, conversation, found);
                }
            });
        return position is { } joined ? new Joined(joined.LastSeq, Replayed: null) : null;
    }

    /// <summary>
    /// Replays what followed <paramref name="after"/> and goes over into the live messages. Pages are read outside the writer, at
    /// the pace of the connection. The writer sends them, so that a member who was removed in the meantime gets none, and it
    /// sends the last page together with the messages since it was read, so that none is missing.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="user">The user who joins.</param>
    /// <param name="connectionId">The user's connection.</param>
    /// <param name="after">The newest <c>seq</c> that the client has.</param>
    /// <param name="whenRoom">Completes when the connection's output has room.</param>
    /// <param name="cancellationToken">The connection's end.</param>
    /// <returns><see langword="null"/> when the user is no member.</returns>
    public async Task<Joined?> JoinAfterAsync(
        ConversationId conversation, UserId user, string connectionId, long after, Func<Task> whenRoom,
        CancellationToken cancellationToken)
    {
        await whenRoom();
        // A connection that has joined before goes back to `after`, and gets no live messages in between.
        var lastSeq = await writes.RunAsync(
            session => table.PositionFor(session, conversation, user)?.LastSeq,
            _ => fanOut.Leave(connectionId, conversation));
        var replayed = after;
        while (lastSeq is not null)
        {
            // Too far behind, from the beginning or because the conversation is faster than the replay.
            if (lastSeq < replayed || lastSeq - replayed > ChatLimits.MaxReplayedMessages)
            {
                return await JoinAsync(conversation, user, connectionId) is { } newest ? newest with { Replayed = false } : null;
            }

            await whenRoom();
            var page = await messages.EventsAfterAsync(
                conversation, replayed, ReplayPage, ReplayPageCharacters, cancellationToken);
            replayed += page.Count;
            var joined = await ReplayAsync(conversation, user, connectionId, page, replayed);
            if (joined is { Replayed: true })
            {
                return joined;
            }

            lastSeq = joined?.LastSeq;
            cancellationToken.ThrowIfCancellationRequested();
        }

        return null;
    }

    /// <summary>Stops the live messages of a connection, after what it sent and joined before. Needs no storage.</summary>
    public Task LeaveAsync(ConversationId conversation, string connectionId)
    {
        var leave = new OrderedAction(() => fanOut.Leave(connectionId, conversation));
        writes.Enqueue(leave);
        return leave.Completion;
    }

    /// <summary>
    /// Sends a page. If few messages were stored since it was read, sends them too, and the connection has joined.
    /// </summary>
    private async Task<Joined?> ReplayAsync(
        ConversationId conversation, UserId user, string connectionId, IReadOnlyList<StoredEvent> page, long replayed)
    {
        IReadOnlyList<IConversationEvent> rest = [];
        var position = default(StreamPosition);
        using var expected = fanOut.Expect(conversation);
        return await writes.RunAsync<Joined?>(
            session =>
            {
                if (table.PositionFor(session, conversation, user) is not { } found)
                {
                    return null;
                }

                position = found;
                rest = found.LastSeq - replayed <= ReplayPage
                    ? table.NewestAfter(session, conversation, replayed, ReplayPage, ReplayPageCharacters)
                    : [];
                return new Joined(found.LastSeq, replayed + rest.Count == found.LastSeq);
            },
            joined =>
            {
                if (joined is not { } membership)
                {
                    return;
                }

                foreach (var earlier in page)
                {
                    fanOut.Replay(connectionId, earlier.Event);
                }

                if (membership.Replayed is true)
                {
                    foreach (var earlier in rest)
                    {
                        fanOut.Replay(connectionId, earlier);
                    }

                    fanOut.Join(connectionId, user, conversation, position);
                }
            },
            conversation);
    }
}
