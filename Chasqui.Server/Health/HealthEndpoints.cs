using System.Net.Mime;
using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>Liveness for process supervisors, readiness for proxies.</summary>
internal static class HealthEndpoints
{
    public const string Root = "/health";
    public const string Live = Root + "/live";
    public const string Ready = Root + "/ready";

    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        // One instance: it keeps its last result.
        services.AddSingleton<StorageCheck>();
        services.AddHealthChecks()
            .AddCheck<StorageCheck>("storage")
            .AddCheck<BackplaneCheck>("backplane")
            .AddCheck<DrainCheck>("drain");
        return services;
    }

    public static void MapHealth(this WebApplication app)
    {
        app.Map(Live, which: _ => false, StatusCodes.Status200OK)
            .WithSummary("Whether the server is alive")
            .WithDescription("Always 200 while the process answers. It checks nothing outside the process, so that a supervisor does "
                + "not restart a server because its database is down.");
        app.Map(Ready, which: _ => true, StatusCodes.Status200OK, StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Whether the server takes clients")
            .WithDescription("503 while storage takes no writes, and as soon as the server is stopping; the body says what is "
                + "wrong. `degraded` is 200: the server works, with a fault. The check writes to storage at most once a second and "
                + "answers within a second.");
    }

    private static IEndpointConventionBuilder Map(
        this WebApplication app, string path, Func<HealthCheckRegistration, bool> which, params int[] answers) => app
        .MapHealthChecks(path, new HealthCheckOptions { Predicate = which, ResponseWriter = WriteAsync })
        .AllowAnonymous()
        // A refused check would make the proxy take the server out of service.
        .DisableRateLimiting()
        .WithTags("Health")
        .WithMetadata([
            new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]),
            OpenApiQuirks.Describe(WriteAsync),
            .. answers.Select(status =>
                new ProducesResponseTypeMetadata(status, typeof(ServerHealth), [MediaTypeNames.Application.Json])),
        ]);

    private static Task WriteAsync(HttpContext http, HealthReport report) =>
        http.Response.WriteAsJsonAsync(ServerHealth.Of(report), http.RequestAborted);
}
