using Chasqui.Server.Configuration;
using Chasqui.Server.Health;
using Chasqui.Server.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Chasqui.Server.Hosting;

internal static class TelemetryServices
{
    private static readonly string[] Meters =
    [
        ServerMeter.Name,
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Http.Connections",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Npgsql",
        "System.Runtime",
    ];

    private static readonly string[] Sources = [ServerTracing.Name, "Microsoft.AspNetCore.SignalR.Server", "Npgsql"];

    /// <summary>Adds metrics and traces only where the settings name a target: without one they cost nothing.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<MetricsOptions>();
        var isScraped = builder.Configuration[$"{MetricsOptions.Section}:{nameof(MetricsOptions.Url)}"] is not null;
        // OpenTelemetry's standard variable; the exporter reads the other OTEL_ variables itself.
        var isExported = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        if (!isScraped && !isExported)
        {
            return;
        }

        services.AddHostedService<StateGauges>();
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("chasqui", serviceVersion: ServerVersion.Current)
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddMeter(Meters));
        if (isScraped)
        {
            telemetry.WithMetrics(metrics => metrics.AddPrometheusExporter());
            services.AddHostedService<MetricsServer>();
        }

        if (isExported)
        {
            telemetry
                .WithTracing(tracing => tracing
                    .AddSource(Sources)
                    .AddAspNetCoreInstrumentation(requests =>
                        requests.Filter = http => !http.Request.Path.StartsWithSegments(HealthEndpoints.Root)))
                .UseOtlpExporter();
        }
    }
}
