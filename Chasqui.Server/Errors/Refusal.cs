using System.Globalization;
using Chasqui.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chasqui.Server.Errors;

/// <summary>A refused REST call: RFC 9457, with the two members that clients in the field read.</summary>
internal static class Refusal
{
    public const string MessageMember = "message";
    public const string CodeMember = "code";
    public const string RetryAfterMember = "retry_after_ms";

    public static ProblemHttpResult BadRequest(string code, string sentence) =>
        Of(StatusCodes.Status400BadRequest, code, sentence);

    public static ProblemHttpResult Unauthorized(string code, string sentence) =>
        Of(StatusCodes.Status401Unauthorized, code, sentence);

    public static ProblemHttpResult Forbidden(string code, string sentence) =>
        Of(StatusCodes.Status403Forbidden, code, sentence);

    public static ProblemHttpResult NotFound(string code, string sentence) =>
        Of(StatusCodes.Status404NotFound, code, sentence);

    public static ProblemHttpResult Conflict(string code, string sentence) =>
        Of(StatusCodes.Status409Conflict, code, sentence);

    /// <summary>Refuses for now, and says in the header and in the body when to ask again.</summary>
    public static ProblemHttpResult For(HttpContext http, Error error)
    {
        var result = Of(RefusalCodes.Status(error.Code), error.Code, error.Message);
        if (error.RetryAfterMs is { } wait)
        {
            result.ProblemDetails.Extensions[RetryAfterMember] = wait;
            http.Response.Headers.RetryAfter = RetryAfter(wait);
        }

        return result;
    }

    /// <summary>The header counts whole seconds: never too early.</summary>
    public static string RetryAfter(int milliseconds) =>
        ((milliseconds + 999) / 1000).ToString(CultureInfo.InvariantCulture);

    public static ProblemHttpResult ServerStopping() =>
        Of(StatusCodes.Status503ServiceUnavailable, ErrorCodes.ServerStopping, "The server is stopping");

    public static ProblemHttpResult ConversationNotFound() =>
        NotFound(ErrorCodes.ConversationNotFound, "Conversation not found");

    public static ProblemHttpResult Of(int status, string code, string sentence) => TypedResults.Problem(
        type: Problems.Type,
        statusCode: status,
        detail: sentence,
        extensions: [new(CodeMember, code), new(MessageMember, sentence)]);
}
