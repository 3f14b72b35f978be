using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Where a join stands in the log.</summary>
/// <param name="LastSeq">The newest message; everything after it comes live.</param>
/// <param name="Replayed">Whether everything after <c>after</c> was replayed up to there; <see langword="null"/> where it was not asked for.</param>
internal readonly record struct Joined(long LastSeq, bool? Replayed);

/// <summary>
/// The log of all conversations: what is appended to it is on disk before anybody hears of it, and joining, leaving and
/// appending happen in one order, so that a connection's live messages begin exactly where its join stands.
/// </summary>
internal sealed class MessageLog(
    IDatabase database, WriteQueue writes, MessageStore messages, MessageTable table, IFanOut fanOut,
    MessageMetrics metrics, TimeProvider clock)
{
    /// <summary>What is read at once for a replay, in messages.</summary>
    private const int ReplayPage = 100;

    /// <summary>
    /// The same in characters, of which each can take six bytes: two pages, and what may wait before them, fit into the
    /// smallest output that a connection can have.
    /// </summary>
    private const int ReplayPageCharacters = 24 * 1024;

    /// <summary>In another epoch a <c>seq</c> may stand for another message.</summary>
    public string Epoch => database.Epoch;

    /// <param name="draft">The message.</param>
    /// <param name="inline">
    /// Whether the caller goes on on the writer thread, and then only writes an answer: that spares a thread switch for each message, and
    /// in a commit of several messages the answer leaves in the same packet as the broadcast.
    /// </param>
    /// <exception cref="WriteRefusedException">The message was not stored.</exception>
    public Task<Appended> AppendAsync(Draft draft, bool inline = false)
    {
        var write = new AppendMessage(
            draft, inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously, table, fanOut, metrics, clock);
        writes.Enqueue(write);
        return write.Completion;
    }

    /// <summary>Starts the live messages of a conversation on a connection.</summary>
    /// <returns><see langword="null"/> when the user is not a member.</returns>
    public async Task<Joined?> JoinAsync(ConversationId conversation, UserId user, string connectionId)
    {
        using var expected = fanOut.Expect(conversation);
        var position = await writes.RunAsync(
            session => MessageStore.PositionFor(session, conversation, user),
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
    /// Replays what followed <paramref name="after"/> and goes over into the live messages. Pages are read on the joiner's
    /// own time and at the pace of the connection; they are sent by the writer, so that nothing is sent to somebody who was
    /// removed meanwhile, and the last one together with what was said since it was read, so that nothing is missing.
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
        await whenRoom();
        // A connection that had joined before goes back to `after`: nothing live may come in between.
        var lastSeq = await writes.RunAsync(
            session => MessageStore.PositionFor(session, conversation, user)?.LastSeq,
            _ => fanOut.Leave(connectionId, conversation));
        var replayed = after;
        while (lastSeq is not null)
        {
            // Too far behind from the beginning, or outrun by the conversation on the way.
            if (lastSeq < replayed || lastSeq - replayed > ChatLimits.MaxReplayedMessages)
            {
                return await JoinAsync(conversation, user, connectionId) is { } newest ? newest with { Replayed = false } : null;
            }

            await whenRoom();
            var page = await messages.PartAfterAsync(conversation, replayed, ReplayPage, ReplayPageCharacters, cancellationToken);
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

    public void Leave(ConversationId conversation, string connectionId) => fanOut.Leave(connectionId, conversation);

    /// <summary>Sends a page, and if little enough was said since it was read, that too; the connection has then joined.</summary>
    private async Task<Joined?> ReplayAsync(
        ConversationId conversation, UserId user, string connectionId, IReadOnlyList<Message> page, long replayed)
    {
        IReadOnlyList<Message> rest = [];
        var position = default(StreamPosition);
        using var expected = fanOut.Expect(conversation);
        return await writes.RunAsync<Joined?>(
            session =>
            {
                if (MessageStore.PositionFor(session, conversation, user) is not { } found)
                {
                    return null;
                }

                position = found;
                rest = found.LastSeq - replayed <= ReplayPage
                    ? MessageStore.PartAfter(session, conversation, replayed, ReplayPage, ReplayPageCharacters)
                    : [];
                return new Joined(found.LastSeq, replayed + rest.Count == found.LastSeq);
            },
            joined =>
            {
                if (joined is not { } membership)
                {
                    return;
                }

                foreach (var message in page)
                {
                    fanOut.Replay(connectionId, message);
                }

                if (membership.Replayed is true)
                {
                    foreach (var message in rest)
                    {
                        fanOut.Replay(connectionId, message);
                    }

                    fanOut.Join(connectionId, user, conversation, position);
                }
            },
            conversation);
    }
}
