namespace Chasqui.Server.Telemetry;

internal static class ServerMeter
{
    /// <summary>The meter of everything that this server measures.</summary>
    public const string Name = "Chasqui";
}
