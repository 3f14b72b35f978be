using System.Net.Mime;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>What proxies and whoever starts servers ask: whether this one lives, and whether it can be sent clients.</summary>
internal static class HealthEndpoints
{
    public const string Root = "/health";
    public const string Live = Root + "/live";
    public const string Ready = Root + "/ready";

    /// <summary>Whatever is added to the framework's health checks counts for readiness.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        // One for all who ask: it remembers.
        services.AddSingleton<StorageCheck>();
        services.AddHealthChecks().AddCheck<StorageCheck>("storage").AddCheck<BackplaneCheck>("backplane").AddCheck<DrainCheck>("drain");
        return services;
    }

    public static void MapHealth(this WebApplication app)
    {
        app.Map(Live, which: _ => false, StatusCodes.Status200OK)
            .WithSummary("Whether the server lives")
            .WithDescription("It answers: that is all. Nothing outside the process is asked, so that no server is started again "
                + "because its database is down.");
        app.Map(Ready, which: _ => true, StatusCodes.Status200OK, StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Whether the server should be sent clients")
            .WithDescription("503 while storage takes no writes, and from the moment when the server begins to stop; the body says "
                + "what is wrong. `degraded` is 200: it serves, and something is amiss. Storage is written to once a second at most, "
                + "however often this is asked, and the answer takes no longer than a second.");
    }

    private static IEndpointConventionBuilder Map(
        this WebApplication app, string path, Func<HealthCheckRegistration, bool> which, params int[] answers) => app
        .MapHealthChecks(path, new HealthCheckOptions { Predicate = which, ResponseWriter = WriteAsync })
        .AllowAnonymous()
        // Refused for their number, a proxy's checks would take the server away from everybody.
        .DisableRateLimiting()
        .WithTags("Health")
        .WithMetadata([
            new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]),
            // What the docs take an endpoint for that is to be described.
            ((Delegate)WriteAsync).Method,
            .. answers.Select(status => new ProducesResponseTypeMetadata(status, typeof(ServerHealth), [MediaTypeNames.Application.Json])),
        ]);

    private static Task WriteAsync(HttpContext http, HealthReport report) =>
        http.Response.WriteAsJsonAsync(ServerHealth.Of(report), http.RequestAborted);
}
