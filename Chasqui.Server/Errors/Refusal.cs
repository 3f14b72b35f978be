using Microsoft.AspNetCore.WebUtilities;

namespace Chasqui.Server.Errors;

/// <summary>The answer to a refused REST call: RFC 9457, with the members <c>code</c> and <c>message</c>.</summary>
internal static class Refusal
{
    public const string MessageMember = "message";
    public const string CodeMember = "code";
    public const string RetryAfterMember = "retry_after_ms";

    public static ProblemHttpResult Of(string code) => Of(ErrorCatalog.Of(code));

    public static ProblemHttpResult Of(string code, string sentence) => Of(new Error { Code = code, Message = sentence });

    /// <summary>The header and the body say when to try again.</summary>
    public static ProblemHttpResult For(HttpContext http, Error error)
    {
        var result = Of(error);
        if (error.RetryAfterMs is { } wait)
        {
            result.ProblemDetails.Extensions[RetryAfterMember] = wait;
            // The header counts whole seconds: rounded up, never too early.
            http.Response.Headers.RetryAfter = ((wait + 999) / 1000).ToString(CultureInfo.InvariantCulture);
        }

        return result;
    }

    private static ProblemHttpResult Of(Error error) => TypedResults.Problem(
        type: Problems.Type,
        title: ReasonPhrases.GetReasonPhrase(ErrorCatalog.Status(error.Code)),
        statusCode: ErrorCatalog.Status(error.Code),
        detail: error.Message,
        extensions: [new(CodeMember, error.Code), new(MessageMember, error.Message)]);
}
