using System.Globalization;

namespace Chasqui.Protocol;

/// <summary>A request was refused; the connection lives on.</summary>
public sealed record Error : ServerEvent
{
    private const string HubExceptionMark = "HubException: ";
    private const string RetryMark = " (retry_after_ms=";

    /// <summary>One sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>The request's own id, when it had one.</summary>
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

        var mark = hubText.IndexOf(HubExceptionMark, StringComparison.Ordinal);
        var text = mark < 0 ? hubText : hubText[(mark + HubExceptionMark.Length)..];
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon <= 0 || text[..colon].AsSpan().ContainsAnyExcept(CodeLetters))
        {
            return null;
        }

        var sentence = text[(colon + 2)..];
        var retry = sentence.LastIndexOf(RetryMark, StringComparison.Ordinal);
        return retry >= 0 && int.TryParse(sentence.AsSpan(retry + RetryMark.Length).TrimEnd(')'), out var wait)
            ? new Error { Code = text[..colon], Message = sentence[..retry], RetryAfterMs = wait }
            : new Error { Code = text[..colon], Message = sentence };
    }

    private static readonly System.Buffers.SearchValues<char> CodeLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz_");
}
