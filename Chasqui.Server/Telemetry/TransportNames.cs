namespace Chasqui.Server.Telemetry;

/// <summary>The values of the label <c>transport</c>.</summary>
internal static class TransportNames
{
    public const string Raw = "raw";
    public const string Hub = "hub";
    public const string Rest = "rest";

    public static KeyValuePair<string, object?> Tag(string transport) => new("transport", transport);
}
