namespace Chasqui.Tests.Fuzzing;

/// <summary>How a connection ends.</summary>
/// <param name="What">In words.</param>
/// <param name="Bytes">What is sent last.</param>
/// <param name="Codes">The close codes that answer it; none when any end will do.</param>
internal sealed record Ending(string What, ReadOnlyMemory<byte> Bytes, params int[] Codes)
{
    /// <summary>Hangs up without a word.</summary>
    public static readonly Ending Leave = new("leaving", default);

    /// <summary>Where the frames before are cut off, as a part of their length; the client is gone then, and reads nothing.</summary>
    public double? CutAt { get; init; }

    /// <summary>Whether it goes with a reset.</summary>
    public bool Resets { get; init; }
}
