namespace Chasqui.Protocol;

/// <summary>The events that the hub sends; each has the name of its argument's type.</summary>
public interface IChatClient
{
    /// <summary>A message was committed in a conversation that this connection joined.</summary>
    Task NewMessage(NewMessage newMessage);

    /// <summary>The receiver has become a member of a conversation.</summary>
    Task ConversationCreated(ConversationCreated conversationCreated);

    /// <summary>The members of a conversation changed.</summary>
    Task ConversationUpdated(ConversationUpdated conversationUpdated);

    /// <summary>The server is stopping.</summary>
    Task Closing(Closing closing);

    /// <summary>The answer to a raw <c>hello</c>.</summary>
    Task Welcome(Welcome welcome);

    /// <summary>The answer to a raw <c>ping</c>.</summary>
    Task Pong(Pong pong);
}
