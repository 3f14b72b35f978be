using Chasqui.Server.Errors;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Messages;

/// <summary>What a message may hold.</summary>
internal static class MessageContent
{
    private const int BytesPerUnit = 4 * 1024;

    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    public static Error? Problem(string content, string? clientMessageId) =>
        VisibleText.IsBlank(content)
            ? ErrorCatalog.Of(ErrorCodes.ContentBlank)
        : IsTooLong(content)
            ? ErrorCatalog.Of(ErrorCodes.ContentTooLong)
        : clientMessageId is not null && !ClientIds.IsValid(clientMessageId)
            ? new Error
            {
                Code = ErrorCodes.InvalidField,
                Message = $"The field 'client_message_id' must have 1 to {ChatLimits.MaxClientIdCharacters} characters",
            }
        : null;

    /// <summary>
    /// The cost of a message in its sender's allowance: one for each started 4 KiB of UTF-8, since every joined connection is
    /// sent it.
    /// </summary>
    public static int Units(string content) =>
        // UTF-8 never has more than three bytes for a unit of UTF-16.
        content.Length <= BytesPerUnit / 3 ? 1 : (Encoding.UTF8.GetByteCount(content) + BytesPerUnit - 1) / BytesPerUnit;

    /// <summary>About what the database grows by; short messages are not measured.</summary>
    public static int StoredBytes(string content) => FixedLimits.StoredBytesPerRow
        + (content.Length <= FixedLimits.StoredBytesPerRow ? content.Length : Encoding.UTF8.GetByteCount(content));

    // Counted in scalar values only where it can matter: UTF-16 has never fewer units than that.
    private static bool IsTooLong(string content) =>
        content.Length > ChatLimits.MaxContentCharacters
        && content.EnumerateRunes().Count() > ChatLimits.MaxContentCharacters;
}
