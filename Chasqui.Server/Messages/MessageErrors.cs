using Chasqui.Protocol;

namespace Chasqui.Server.Messages;

/// <summary>The refusals of the log, as the hub and REST word them.</summary>
internal static class MessageErrors
{
    public static readonly Error ConversationNotFound =
        new() { Code = ErrorCodes.ConversationNotFound, Message = "Conversation not found" };

    public static readonly Error RateLimited =
        new() { Code = ErrorCodes.RateLimited, Message = "You send more than the server takes from one user" };

    public static readonly Error Conflict = new()
    {
        Code = ErrorCodes.IdempotencyConflict,
        Message = "That client_message_id was used before, with other content",
    };
}
