using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>The refusals of the log, as the hub and REST word them.</summary>
internal static class MessageErrors
{
    public static readonly Error ConversationNotFound = ErrorCatalog.Of(ErrorCodes.ConversationNotFound);

    public static readonly Error RateLimited =
        new() { Code = ErrorCodes.RateLimited, Message = "Too many messages; wait before sending more" };

    /// <summary>The refusal of a message that was not stored.</summary>
    public static Error Of(AppendStatus status) => ErrorCatalog.Of(status switch
    {
        AppendStatus.NotFound => ErrorCodes.ConversationNotFound,
        AppendStatus.RecipientDeleted => ErrorCodes.RecipientDeleted,
        _ => ErrorCodes.IdempotencyConflict,
    });
}
