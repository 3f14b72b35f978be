using Chasqui.Server.Hosting;

namespace Chasqui.Server.Limits;

/// <summary>How much one client may ask for.</summary>
internal sealed class LimitOptions : IValidatedOptions
{
    public static string Section => "Limits";

    /// <summary>Whether rates are limited at all; off for load tests. Sizes and numbers are limited all the same.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Messages that one connection may send in ten seconds; they come back evenly.</summary>
    public int MessagesPer10s { get; set; } = 500;

    public IEnumerable<string> Problems()
    {
        if (MessagesPer10s is < 1 or > 1_000_000)
        {
            yield return "Limits:MessagesPer10s must be between 1 and 1000000";
        }
    }
}
