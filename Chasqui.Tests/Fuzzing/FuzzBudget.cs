using System.Globalization;

namespace Chasqui.Tests.Fuzzing;

/// <summary>How many frames are sent. They are sent in rounds, each with a seed of its own, and looked at after each.</summary>
internal static class FuzzBudget
{
    public const int Round = 50_000;

    /// <summary>In CI; <c>CHASQUI_FUZZ</c> asks for another number, or <c>forever</c>.</summary>
    private const long Default = 4 * Round;

    public static long Frames => Environment.GetEnvironmentVariable("CHASQUI_FUZZ") switch
    {
        "forever" => long.MaxValue,
        { } text when long.TryParse(text, CultureInfo.InvariantCulture, out var asked) => asked,
        _ => Default,
    };
}
