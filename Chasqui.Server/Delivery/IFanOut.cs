using Chasqui.Server.Storage;

namespace Chasqui.Server.Delivery;

/// <summary>
/// Sends committed events to the connections of this server. Called by the writer thread after each commit, in the order of
/// commits; no call waits for a socket. A connection gets the events of a conversation in <c>seq</c> order without gaps,
/// whichever server wrote them.
/// </summary>
internal interface IFanOut
{
    /// <summary>
    /// Announces a join: until the result is disposed of, the events of the conversation are kept for it.
    /// </summary>
    IDisposable? Expect(ConversationId conversation);

    /// <summary>An event was stored.</summary>
    /// <param name="committed">The event.</param>
    /// <param name="membershipVersion">See <see cref="StreamPosition"/>, when it was stored.</param>
    void Publish(IConversationEvent committed, long membershipVersion);

    /// <summary>Sends one earlier event to one connection.</summary>
    void Replay(string connectionId, IConversationEvent earlier);

    /// <summary>Starts the live messages of a conversation on a connection.</summary>
    /// <param name="connectionId">The connection.</param>
    /// <param name="user">Its user; a member when the position was read.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="position">Events after it are sent live.</param>
    void Join(string connectionId, UserId user, ConversationId conversation, StreamPosition position);

    void Leave(string connectionId, ConversationId conversation);

    /// <summary>Stops the live messages of a removed member on every connection.</summary>
    /// <param name="user">The removed member.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="membershipVersion">See <see cref="StreamPosition"/>, this one included.</param>
    void Remove(UserId user, ConversationId conversation, long membershipVersion);

    /// <summary>Tells a user who is no longer a member.</summary>
    void Removed(UserId user, ConversationRemoved removed);

    void Created(Conversation conversation, IEnumerable<UserId> receivers);

    /// <summary>
    /// Tells the member's own connections and those that joined. A connection that does not keep up may miss it.
    /// </summary>
    void Marked(ReadMarkMoved moved);

    void Updated(Conversation conversation, IEnumerable<UserId> receivers);
}
