namespace Chasqui.Protocol;

/// <summary>The events that the hub sends; each has the name of its argument's type.</summary>
public interface IChatClient
{
    /// <summary>A message was committed in a conversation that this connection joined.</summary>
    Task NewMessage(NewMessage newMessage);

    /// <summary>A message of a conversation that this connection joined was changed.</summary>
    Task MessageEdited(MessageEdited messageEdited);

    /// <summary>One was deleted.</summary>
    Task MessageDeleted(MessageDeleted messageDeleted);

    /// <summary>A member has reacted to one.</summary>
    Task ReactionAdded(ReactionAdded reactionAdded);

    /// <summary>A member has taken a reaction back.</summary>
    Task ReactionRemoved(ReactionRemoved reactionRemoved);

    /// <summary>A user has become a member.</summary>
    Task MemberAdded(MemberAdded memberAdded);

    /// <summary>A member has left or was removed.</summary>
    Task MemberRemoved(MemberRemoved memberRemoved);

    /// <summary>A group was renamed.</summary>
    Task ConversationRenamed(ConversationRenamed conversationRenamed);

    /// <summary>The receiver is no longer a member.</summary>
    Task ConversationRemoved(ConversationRemoved conversationRemoved);

    /// <summary>The receiver has become a member of a conversation.</summary>
    Task ConversationCreated(ConversationCreated conversationCreated);

    /// <summary>The members of a conversation changed.</summary>
    Task ConversationUpdated(ConversationUpdated conversationUpdated);

    /// <summary>A member has read up to an event.</summary>
    Task ReadMarkMoved(ReadMarkMoved readMarkMoved);

    /// <summary>A member of a conversation that this connection joined types, or no longer does.</summary>
    Task Typing(Typing typing);

    /// <summary>A user who shares a conversation with the receiver came, went away or left.</summary>
    Task PresenceChanged(PresenceChanged presenceChanged);

    /// <summary>The server is stopping.</summary>
    Task Closing(Closing closing);

    /// <summary>The answer to a raw <c>hello</c>.</summary>
    Task Welcome(Welcome welcome);

    /// <summary>The answer to a raw <c>ping</c>.</summary>
    Task Pong(Pong pong);
}
