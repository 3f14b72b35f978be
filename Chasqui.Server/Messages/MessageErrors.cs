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
    public static Error Of(Appended appended) => appended.Status switch
    {
        AppendStatus.NotFound => ConversationNotFound,
        AppendStatus.Refused => ErrorCatalog.Of(appended.Refusal!),
        _ => ErrorCatalog.Of(ErrorCodes.IdempotencyConflict),
    };
}
