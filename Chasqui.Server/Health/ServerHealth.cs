using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>The health of a server.</summary>
/// <param name="Status">That of the worst check: <c>healthy</c>, <c>degraded</c> (the server works, with a fault) or
/// <c>unhealthy</c>.</param>
/// <param name="Checks">The checks.</param>
internal sealed record ServerHealth(string Status, IReadOnlyList<CheckedPart> Checks)
{
    public static ServerHealth Of(HealthReport report) => new(
        Word(report.Status),
        [.. report.Entries.Select(entry => new CheckedPart(entry.Key, Word(entry.Value.Status), entry.Value.Description))]);

    private static string Word(HealthStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}

/// <summary>The result of one check.</summary>
/// <param name="Name">The name of the check.</param>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Message">What is wrong; absent if nothing is.</param>
internal sealed record CheckedPart(string Name, string Status, string? Message = null);
