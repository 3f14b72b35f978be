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

    public static ProblemHttpResult Of(string code) => Of(ErrorCatalog.Of(code));

    public static ProblemHttpResult Of(string code, string sentence) => Of(new Error { Code = code, Message = sentence });

    /// <summary>Refuses for now, and says in the header and in the body when to ask again.</summary>
    public static ProblemHttpResult For(HttpContext http, Error error)
    {
        var result = Of(error);
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

    private static ProblemHttpResult Of(Error error) => TypedResults.Problem(
        type: Problems.Type,
        statusCode: ErrorCatalog.Status(error.Code),
        detail: error.Message,
        extensions: [new(CodeMember, error.Code), new(MessageMember, error.Message)]);
}
