using Chasqui.Protocol;
using Chasqui.Server.Errors;

namespace Chasqui.Server.Messages;

/// <summary>What a message may hold.</summary>
internal static class MessageContent
{
    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    public static Error? Problem(string content, string? clientMessageId) =>
        string.IsNullOrWhiteSpace(content)
            ? KnownErrors.Of(ErrorCodes.ContentBlank)
        : IsTooLong(content)
            ? KnownErrors.Of(ErrorCodes.ContentTooLong)
        : clientMessageId is not null && !ClientIds.IsValid(clientMessageId)
            ? new Error
            {
                Code = ErrorCodes.InvalidField,
                Message = $"The field 'client_message_id' must have 1 to {ChatLimits.MaxClientIdCharacters} characters",
            }
        : null;

    // Counted in scalar values only where it can matter: UTF-16 has never fewer units than that.
    private static bool IsTooLong(string content) =>
        content.Length > ChatLimits.MaxContentCharacters
        && content.EnumerateRunes().Count() > ChatLimits.MaxContentCharacters;
}
