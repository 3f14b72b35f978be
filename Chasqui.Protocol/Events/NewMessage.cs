namespace Chasqui.Protocol;

/// <summary>A message was committed; sent to every connection that joined its conversation, the sender's included.</summary>
public sealed record NewMessage : ServerEvent, IConversationEvent
{
    /// <summary>The message; its <c>seq</c> is the event's.</summary>
    public required Message Message { get; init; }

    ConversationId IConversationEvent.ConversationId => Message.ConversationId;

    long IConversationEvent.Seq => Message.Seq;
}
