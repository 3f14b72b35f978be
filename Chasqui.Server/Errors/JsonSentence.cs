using System.Text.Json;
using System.Text.RegularExpressions;
using Chasqui.Protocol;
using Microsoft.AspNetCore.Mvc;

namespace Chasqui.Server.Errors;

/// <summary>Says what is wrong with a JSON body without naming the server's own types.</summary>
internal static partial class JsonSentence
{
    public static ProblemDetails Problem(JsonException exception)
    {
        var (code, sentence) = Of(exception);
        return new ProblemDetails
        {
            Status = StatusCodes.Status400BadRequest,
            Detail = sentence,
            Extensions = { [Refusal.CodeMember] = code },
        };
    }

    public static (string Code, string Sentence) Of(JsonException exception) => exception switch
    {
        // The reader itself: malformed, or nested too deeply.
        { InnerException: JsonException } => (ErrorCodes.InvalidJson, "The body is not valid JSON"),
        { Path: { Length: > 2 } path } when path.StartsWith("$.", StringComparison.Ordinal) =>
            (ErrorCodes.InvalidField, $"The field '{path[2..]}' has the wrong type or form"),
        _ when MissingField().Match(exception.Message) is { Success: true } missing =>
            (ErrorCodes.InvalidField, $"The field '{missing.Groups[1].Value}' is missing"),
        _ when exception.Message.StartsWith("Duplicate property", StringComparison.Ordinal) =>
            (ErrorCodes.InvalidJson, "A field stands twice in the body"),
        _ => (ErrorCodes.InvalidJson, "The body must be one JSON object"),
    };

    /// <summary>'Failed to bind parameter "int limit" from "x".' without the type.</summary>
    public static string WithoutTypes(string message) => BoundType().Replace(message, "\"");

    [GeneratedRegex("including: '?([a-z_]+)'?")]
    private static partial Regex MissingField();

    [GeneratedRegex("\"[A-Za-z<>?\\[\\]]+ (?=[a-z])")]
    private static partial Regex BoundType();
}
