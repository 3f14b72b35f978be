using System.Text.Json.Serialization;

namespace Chasqui.Bench;

/// <summary>How much is measured, and of what.</summary>
internal sealed record BenchOptions
{
    /// <summary>Every figure is taken this many times, each time of all servers one after the other.</summary>
    public required int Rounds { get; init; }

    /// <summary>How long each server runs before that, until its code is compiled as well as it will be.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>How long each of them lasts.</summary>
    public required TimeSpan Round { get; init; }

    /// <summary>Raw members of the one room of <c>fanout</c>.</summary>
    public required int Members { get; init; }

    /// <summary>Rooms of two of <c>pairs</c> and <c>steady</c>.</summary>
    public required int Rooms { get; init; }

    /// <summary>Connections of <c>idle</c>.</summary>
    public required int Connections { get; init; }

    /// <summary>A published Chasqui; without one, the build in the folder of this program.</summary>
    public string? Server { get; init; }

    /// <summary>Another published Chasqui that takes turns with it, for a comparison of two builds.</summary>
    public string? Against { get; init; }

    /// <summary>An empty PostgreSQL database for <c>shared</c>; it may hold a password, and stays out of the report.</summary>
    [JsonIgnore]
    public string? Postgres { get; init; }

    /// <summary>The Redis of that database; as above.</summary>
    [JsonIgnore]
    public string? Redis { get; init; }

    /// <summary>Where the report goes.</summary>
    public required string Output { get; init; }
}
