namespace Chasqui.Server.Telemetry;

internal static class ServerMeter
{
    public const string Name = "Chasqui";
}
