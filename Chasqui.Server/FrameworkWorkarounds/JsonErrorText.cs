using System.Text.Json;
using System.Text.RegularExpressions;
using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.Mvc;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>Says what is wrong with a JSON body without naming the server's own types.</summary>
internal static partial class JsonErrorText
{
    private const string NoObject = "The body must be one JSON object";

    public static ProblemDetails Problem(JsonException exception) => Problem(Of(exception));

    /// <summary>What the framework could not bind, in words of our own: its own name the server's parameters and types.</summary>
    public static ProblemDetails Problem(BadHttpRequestException exception) => Problem(
        BoundParameter().Match(exception.Message) is not { Success: true } parameter ? (ErrorCodes.BadRequest, null)
        : parameter.Groups[1].Value == "body" ? (ErrorCodes.InvalidJson, NoObject)
        : (ErrorCodes.InvalidField, Parameter(parameter.Groups[1].Value)));

    public static string Parameter(string name) => $"The parameter '{name}' is missing or has the wrong form";

    public static (string Code, string Sentence) Of(JsonException exception) => exception switch
    {
        // The reader itself: malformed, or nested too deeply.
        { InnerException: JsonException } => (ErrorCodes.InvalidJson, "The body is not valid JSON"),
        { Path: { Length: > 2 } path } when path.StartsWith("$.", StringComparison.Ordinal) =>
            (ErrorCodes.InvalidField, $"The field '{path[2..]}' has the wrong type or form"),
        _ when MissingField().Match(exception.Message) is { Success: true } missing =>
            (ErrorCodes.InvalidField, $"The field '{missing.Groups[1].Value}' is missing"),
        _ => (ErrorCodes.InvalidJson, NoObject),
    };

    private static ProblemDetails Problem((string Code, string? Sentence) refusal) => new()
    {
        Status = StatusCodes.Status400BadRequest,
        Detail = refusal.Sentence,
        Extensions = { [Refusal.CodeMember] = refusal.Code },
    };

    [GeneratedRegex("including: '?([a-z_]+)'?")]
    private static partial Regex MissingField();

    /// <summary>'Failed to bind parameter "int limit" from "x".'</summary>
    [GeneratedRegex("parameter \"(?:[^\"]* )?([a-z_]+)\"")]
    private static partial Regex BoundParameter();
}
