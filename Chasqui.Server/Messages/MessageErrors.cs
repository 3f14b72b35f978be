using Chasqui.Server.Errors;

namespace Chasqui.Server.Messages;

/// <summary>The refusals of the log, as the hub and REST word them.</summary>
internal static class MessageErrors
{
    public static readonly Error ConversationNotFound = ErrorCatalog.Of(ErrorCodes.ConversationNotFound);

    public static readonly Error RateLimited =
        new() { Code = ErrorCodes.RateLimited, Message = "Too many messages; wait before sending more" };

    public static readonly Error Conflict = ErrorCatalog.Of(ErrorCodes.IdempotencyConflict);
}
