namespace Chasqui.Server.Telemetry;

/// <summary>How the doors are called where something is measured by them.</summary>
internal static class TransportNames
{
    public const string Raw = "raw";
    public const string Hub = "hub";
    public const string Rest = "rest";

    public static KeyValuePair<string, object?> Tag(string door) => new("door", door);
}
