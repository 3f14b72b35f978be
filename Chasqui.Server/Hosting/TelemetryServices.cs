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
    /// <summary>The framework's own, beside ours.</summary>
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

    /// <summary>Measures and traces for whoever was named in the settings; without anybody nothing of it is there, and costs nothing.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<MetricsOptions>();
        var isScraped = builder.Configuration[$"{MetricsOptions.Section}:{nameof(MetricsOptions.Url)}"] is not null;
        // OpenTelemetry's own name for it, and it reads the others too.
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
                    .AddAspNetCoreInstrumentation(requests => requests.Filter = http => !http.Request.Path.StartsWithSegments(HealthEndpoints.Root)))
                .UseOtlpExporter();
        }
    }
}
