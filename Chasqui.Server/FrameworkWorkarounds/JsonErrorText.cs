using System.Text.RegularExpressions;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Turns what the framework says about a body or a parameter that it cannot read into an error code and a sentence. The
/// framework's texts name the server's own types and are not made for clients, and its exceptions have no property for the field:
/// its name is read from the text.
/// </summary>
internal static partial class JsonErrorText
{
    private const string NoObject = "The body must be one JSON object";

    /// <param name="exception">What the framework could not bind.</param>
    /// <returns>The sentence is <see langword="null"/> where the code says it all.</returns>
    public static (string Code, string? Sentence) Of(BadHttpRequestException exception) =>
        exception.InnerException is JsonException json ? Of(json)
        : BoundParameter().Match(exception.Message) is not { Success: true } parameter ? (ErrorCodes.BadRequest, null)
        : parameter.Groups[1].Value == "body" ? (ErrorCodes.InvalidJson, NoObject)
        : (ErrorCodes.InvalidField, Parameter(parameter.Groups[1].Value));

    public static string Parameter(string name) => $"The parameter '{name}' is missing or has the wrong form";

    public static (string Code, string Sentence) Of(JsonException exception) => exception switch
    {
        // From the reader: malformed, or nested too deeply.
        { InnerException: JsonException } => (ErrorCodes.InvalidJson, "The body is not valid JSON"),
        _ when exception.Message.StartsWith("Duplicate property", StringComparison.Ordinal) =>
            (ErrorCodes.InvalidJson, "The body has a field twice"),
        { Path: { Length: > 2 } path } when path.StartsWith("$.", StringComparison.Ordinal) =>
            (ErrorCodes.InvalidField, $"The field '{path[2..]}' has the wrong type or form"),
        _ when MissingField().Match(exception.Message) is { Success: true } missing =>
            (ErrorCodes.InvalidField, $"The field '{missing.Groups[1].Value}' is missing"),
        _ => (ErrorCodes.InvalidJson, NoObject),
    };

    /// <summary>"JSON deserialization for type 'X' was missing required properties including: 'name', 'other'."</summary>
    [GeneratedRegex("including: '?([a-z_]+)'?")]
    private static partial Regex MissingField();

    /// <summary>'Failed to bind parameter "int limit" from "x".'</summary>
    [GeneratedRegex("parameter \"(?:[^\"]* )?([a-z_]+)\"")]
    private static partial Regex BoundParameter();
}
