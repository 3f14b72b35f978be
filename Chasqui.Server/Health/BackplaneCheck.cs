using Chasqui.Server.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Health;

/// <summary>Whether servers hear of each other at once. Without Redis they hear of each other later: no reason to take one away.</summary>
internal sealed class BackplaneCheck(Peers peers, IOptions<BackplaneOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            options.Value.Redis is null ? HealthCheckResult.Healthy()
            : !peers.IsConnected ? HealthCheckResult.Degraded("Redis delivers nothing: other servers' messages come from the database.")
            : peers.Silent is > 0 and var silent ? HealthCheckResult.Degraded($"{silent} other servers have fallen silent.")
            : HealthCheckResult.Healthy());
}
