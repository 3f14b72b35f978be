using Chasqui.Protocol;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>What a sender is told of a message.</summary>
internal static class MessageReplies
{
    /// <returns>An <see cref="Ack"/>, or an <see cref="Error"/>.</returns>
    public static ServerEvent To(in Appended appended, string? requestId) => appended switch
    {
        { Status: AppendStatus.NotFound } => MessageErrors.ConversationNotFound with { RequestId = requestId },
        { Status: AppendStatus.Conflict } => MessageErrors.Conflict with { RequestId = requestId },
        { Message: var message } => new Ack
        {
            RequestId = requestId,
            ConversationId = message!.ConversationId,
            MessageId = message.Id,
            Seq = message.Seq,
            CreatedAt = message.CreatedAt,
            Duplicate = appended.Status == AppendStatus.Duplicate,
        },
    };
}
