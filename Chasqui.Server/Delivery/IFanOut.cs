using Chasqui.Protocol;

namespace Chasqui.Server.Delivery;

/// <summary>
/// Says to the connections of this server what was committed. Called by the writer after each commit, in the order of its
/// commits; no call waits for a socket (see <see cref="ConnectionOutput"/>). What a connection is sent of a conversation it
/// is sent in the order of <c>seq</c> and without gaps, whoever wrote it.
/// </summary>
internal interface IFanOut
{
    /// <summary>
    /// Announces that somebody will join: from here on nothing that is said there is forgotten, until what is returned has been
    /// disposed of.
    /// </summary>
    IDisposable? Expect(ConversationId conversation);

    /// <summary>A message was stored.</summary>
    /// <param name="message">The message.</param>
    /// <param name="membershipVersion">See <see cref="StreamPosition"/>, when it was stored.</param>
    void Publish(Message message, long membershipVersion);

    /// <summary>Replays one message to one connection.</summary>
    void Replay(string connectionId, Message message);

    /// <summary>Starts the live messages of a conversation on a connection.</summary>
    /// <param name="connectionId">The connection.</param>
    /// <param name="user">Whose it is; a member, when the standing was read.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="position">What follows it comes live.</param>
    void Join(string connectionId, UserId user, ConversationId conversation, StreamPosition position);

    void Leave(string connectionId, ConversationId conversation);

    /// <summary>Stops the live messages of somebody who is no longer a member, on every connection.</summary>
    /// <param name="user">Who was taken out.</param>
    /// <param name="conversation">Of which conversation.</param>
    /// <param name="membershipVersion">See <see cref="StreamPosition"/>, this one included.</param>
    void Remove(UserId user, ConversationId conversation, long membershipVersion);

    void Created(Conversation conversation, IEnumerable<UserId> receivers);

    void Updated(Conversation conversation, IEnumerable<UserId> receivers);
}
