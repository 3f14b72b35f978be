using System.Text.Json;
using Chasqui.Protocol;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Chasqui.Server.Errors;

/// <summary>Makes every refusal <c>application/problem+json</c>, whoever refuses and whatever the caller says it accepts.</summary>
internal static class Problems
{
    /// <summary>RFC 9457, 4.2.1: the status says it all, and <c>code</c> the rest.</summary>
    public const string Type = "about:blank";

    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, Writer>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context => Complete(context.ProblemDetails));
        services.AddExceptionHandler<ExceptionProblems>();
        // So that the exception handler can say what is wrong with a body; by itself the framework answers without one.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    public static WebApplication UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        return app;
    }

    /// <summary>Adds what the framework's own refusals (routing, authentication) lack.</summary>
    private static void Complete(ProblemDetails problem)
    {
        var (code, sentence) = Describe(problem.Status ?? StatusCodes.Status500InternalServerError);
        problem.Type ??= Type;
        problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status ?? StatusCodes.Status500InternalServerError);
        problem.Detail ??= sentence;
        problem.Extensions.TryAdd(Refusal.CodeMember, code);
        problem.Extensions.TryAdd(Refusal.MessageMember, problem.Detail);
        problem.Extensions.Remove("traceId");
    }

    private static (string Code, string Sentence) Describe(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => (ErrorCodes.Unauthorized, "A valid token is needed"),
        StatusCodes.Status403Forbidden => (ErrorCodes.Forbidden, "That is not allowed"),
        StatusCodes.Status404NotFound => (ErrorCodes.NotFound, "There is nothing at this address"),
        StatusCodes.Status405MethodNotAllowed => (ErrorCodes.MethodNotAllowed, "This address does not take that method"),
        StatusCodes.Status413PayloadTooLarge => (ErrorCodes.PayloadTooLarge, "The body is too large"),
        StatusCodes.Status415UnsupportedMediaType => (ErrorCodes.UnsupportedMediaType, "The body must be application/json"),
        >= 500 => (ErrorCodes.InternalError, "The server failed to carry this out"),
        _ => (ErrorCodes.BadRequest, "The request cannot be understood"),
    };

    private sealed class Writer : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => true;

        public async ValueTask WriteAsync(ProblemDetailsContext context)
        {
            Complete(context.ProblemDetails);
            await context.HttpContext.Response.WriteAsJsonAsync(
                context.ProblemDetails, options: (JsonSerializerOptions?)null, RefusalMetadata.ContentType, context.HttpContext.RequestAborted);
        }
    }
}
