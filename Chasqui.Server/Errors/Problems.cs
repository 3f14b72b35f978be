using Chasqui.Server.Telemetry;
using Microsoft.AspNetCore.WebUtilities;

namespace Chasqui.Server.Errors;

/// <summary>Makes every refusal, also the framework's, <c>application/problem+json</c>, for every <c>Accept</c>.</summary>
internal static class Problems
{
    /// <summary>RFC 9457, 4.2.1: the problem has no type beyond its status; <c>code</c> says more.</summary>
    public const string Type = "about:blank";

    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddSingleton<ErrorCounter>();
        services.AddSingleton<IProblemDetailsWriter, Writer>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context => Complete(context.ProblemDetails));
        services.AddExceptionHandler<ExceptionProblems>();
        // The exception handler says what is wrong with a body. Without this the framework answers without a body of its own.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    public static WebApplication UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        return app;
    }

    /// <summary>Adds what the framework's refusals (routing, authentication) lack.</summary>
    private static void Complete(ProblemDetails problem)
    {
        var status = problem.Status ?? StatusCodes.Status500InternalServerError;
        var error = ErrorCatalog.Of(ErrorCatalog.Code(status));
        problem.Type ??= Type;
        problem.Title ??= ReasonPhrases.GetReasonPhrase(status);
        problem.Detail ??= error.Message;
        problem.Extensions.TryAdd(Refusal.CodeMember, error.Code);
        problem.Extensions.TryAdd(Refusal.MessageMember, problem.Detail);
        problem.Extensions.Remove("traceId");
    }

    private sealed class Writer(ErrorCounter errors) : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => true;

        public async ValueTask WriteAsync(ProblemDetailsContext context)
        {
            Complete(context.ProblemDetails);
            errors.Add(TransportNames.Rest, (string)context.ProblemDetails.Extensions[Refusal.CodeMember]!);
            await context.HttpContext.Response.WriteAsJsonAsync(
                context.ProblemDetails, options: (JsonSerializerOptions?)null, RefusalMetadata.ContentType, context.HttpContext.RequestAborted);
        }
    }
}
