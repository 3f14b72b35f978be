using Chasqui.Server.Errors;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>The refusals of the log, as the hub and REST word them.</summary>
internal static class MessageErrors
{
    public static readonly Error ConversationNotFound = ErrorCatalog.Of(ErrorCodes.ConversationNotFound);

    public static readonly Error MessageNotFound = ErrorCatalog.Of(ErrorCodes.MessageNotFound);

    private static readonly Error TooMany =
        new() { Code = ErrorCodes.RateLimited, Message = "Too many messages; wait before sending more" };

    /// <summary>Takes a message from what its sender may send and store.</summary>
    /// <returns>The refusal, or <see langword="null"/>.</returns>
    public static Error? Refusal(UserAllowance? allowance, string content) =>
        LimitErrors.Take(allowance?.Messages, MessageContent.Units(content), TooMany)
            ?? LimitErrors.Take(allowance?.Stored, MessageContent.StoredBytes(content), LimitErrors.TooMuchStored);

    /// <summary>The refusal of a message that was not stored.</summary>
    public static Error Of(Appended appended) => appended.Status switch
    {
        AppendStatus.NotFound => ConversationNotFound,
        AppendStatus.Refused => ErrorCatalog.Of(appended.Refusal!),
        _ => ErrorCatalog.Of(ErrorCodes.IdempotencyConflict),
    };

    /// <summary>The refusal of a change that was not carried out.</summary>
    public static Error Of(MessageChanged changed) => changed.Status switch
    {
        ChangeStatus.NotFound => ConversationNotFound,
        ChangeStatus.MessageNotFound => MessageNotFound,
        ChangeStatus.Refused => ErrorCatalog.Of(changed.Refusal!),
        ChangeStatus.TooManyReactions =>
            new Error { Code = ErrorCodes.InvalidField, Message = "The message has 20 different reactions already" },
        _ => ErrorCatalog.Of(ErrorCodes.Forbidden),
    };

    /// <summary>The refusal of a read mark, if it was refused.</summary>
    public static Error? Of(MarkStatus status) => status switch
    {
        MarkStatus.NotFound => ConversationNotFound,
        MarkStatus.Beyond => new Error
        {
            Code = ErrorCodes.InvalidField,
            Message = "The field 'seq' must not be greater than the newest of the conversation",
        },
        _ => null,
    };

    /// <summary>What is wrong with a reaction, or <see langword="null"/>.</summary>
    public static Error? OfEmoji(string emoji) => Emoji.IsValid(emoji)
        ? null
        : new Error { Code = ErrorCodes.InvalidField, Message = "The field 'emoji' must be one emoji of at most 32 bytes" };
}
