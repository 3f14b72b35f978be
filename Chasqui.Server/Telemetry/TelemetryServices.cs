using Chasqui.Server.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Chasqui.Server.Telemetry;

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

    /// <summary>Measures for whoever was named in the settings; without anybody nothing of it is there, and costs nothing.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<MetricsOptions>();
        if (builder.Configuration[$"{MetricsOptions.Section}:{nameof(MetricsOptions.Url)}"] is null)
        {
            return;
        }

        services.AddHostedService<StateGauges>();
        services.AddHostedService<MetricsServer>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("chasqui", serviceVersion: ServerVersion.Current)
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());
    }
}
