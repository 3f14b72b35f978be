using Chasqui.Server.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>Without Redis, messages of other servers arrive later, from the database: the server stays ready.</summary>
internal sealed class BackplaneCheck(Peers peers, IOptions<BackplaneOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            options.Value.Redis is null ? HealthCheckResult.Healthy()
            : !peers.IsConnected ? HealthCheckResult.Degraded("Redis cannot be reached: other servers' messages are delayed.")
            : peers.Silent is > 0 and var silent ? HealthCheckResult.Degraded($"{silent} other servers no longer answer.")
            : HealthCheckResult.Healthy());
}
