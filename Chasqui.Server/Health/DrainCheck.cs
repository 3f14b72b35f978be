using Chasqui.Server.Transports;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>A stopping server is not ready, before it closes its first connection.</summary>
internal sealed class DrainCheck(Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.HasBegun ? HealthCheckResult.Unhealthy("The server is stopping.") : HealthCheckResult.Healthy());
}
