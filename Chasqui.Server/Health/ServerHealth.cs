using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>How a server is.</summary>
/// <param name="Status">That of the worst of its parts: <c>healthy</c>, <c>degraded</c> (it serves, and something is amiss) or <c>unhealthy</c>.</param>
/// <param name="Checks">Its parts.</param>
internal sealed record ServerHealth(string Status, IReadOnlyList<CheckedPart> Checks)
{
    public static ServerHealth Of(HealthReport report) => new(
        Word(report.Status),
        [.. report.Entries.Select(entry => new CheckedPart(entry.Key, Word(entry.Value.Status), entry.Value.Description))]);

    private static string Word(HealthStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}

/// <summary>A part of a server that was looked at.</summary>
/// <param name="Name">Which.</param>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Message">What is wrong; absent where nothing is.</param>
internal sealed record CheckedPart(string Name, string Status, string? Message = null);
