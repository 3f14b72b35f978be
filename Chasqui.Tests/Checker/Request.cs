using System.Globalization;

namespace Chasqui.Tests.Checker;

internal enum RequestKind
{
    None,
    Send,
    Join,
    Leave,
}

/// <summary>What a request was for. Its <c>request_id</c> is a letter and a number.</summary>
/// <param name="Kind">What was asked.</param>
/// <param name="Number">The number of a message, or the place of a conversation among the client's.</param>
internal readonly record struct Request(RequestKind Kind, int Number)
{
    private const string Letters = "-sjl";

    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Letters[(int)Kind]}{Number}");

    public static Request Of(string? id) =>
        id is { Length: > 1 } && Letters.IndexOf(id[0], StringComparison.Ordinal) is var kind and > 0
        && int.TryParse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Request((RequestKind)kind, number)
            : default;
}
