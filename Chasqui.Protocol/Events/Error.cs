using System.Globalization;

namespace Chasqui.Protocol;

/// <summary>A frame was refused; the connection stays open.</summary>
public sealed record Error : ServerEvent
{
    private const string HubExceptionMark = "HubException: ";
    private const string RetryMark = " (retry_after_ms=";

    /// <summary>One sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>The <c>request_id</c> of the frame, if it had one.</summary>
    public string? RequestId { get; init; }

    /// <summary>How long to wait before trying again, in milliseconds; absent where waiting does not help.</summary>
    public int? RetryAfterMs { get; init; }

    /// <summary>The text of the <c>HubException</c> that carries this error to a SignalR client: <c>code: sentence</c>.</summary>
    public string ToHubText() => RetryAfterMs is { } wait
        ? string.Create(CultureInfo.InvariantCulture, $"{Code}: {Message}{RetryMark}{wait})")
        : $"{Code}: {Message}";

    /// <summary>Reads an error back from the message of a <c>HubException</c> that a hub method threw at a client.</summary>
    /// <param name="hubText">The exception's message, with what SignalR puts in front of it or without.</param>
    /// <returns>The error, or <see langword="null"/> when the text holds none.</returns>
    public static Error? FromHubText(string? hubText)
    {
        if (hubText is null)
        {
            return null;
        }

        if (Parse(hubText) is { } error)
        {
            return error;
        }

        var mark = hubText.IndexOf(HubExceptionMark, StringComparison.Ordinal);
        return mark < 0 ? null : Parse(hubText[(mark + HubExceptionMark.Length)..]);
    }

    private static Error? Parse(string text)
    {
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon <= 0 || text.AsSpan(0, colon).ContainsAnyExcept(CodeLetters))
        {
            return null;
        }

        var error = new Error { Code = text[..colon], Message = text[(colon + 2)..] };
        var retry = error.Message.LastIndexOf(RetryMark, StringComparison.Ordinal);
        return retry >= 0 && error.Message.EndsWith(')')
            && int.TryParse(
                error.Message.AsSpan((retry + RetryMark.Length)..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var wait)
            ? error with { Message = error.Message[..retry], RetryAfterMs = wait }
            : error;
    }

    private static readonly System.Buffers.SearchValues<char> CodeLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz_");
}
