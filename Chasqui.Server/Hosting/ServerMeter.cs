namespace Chasqui.Server.Hosting;

internal static class ServerMeter
{
    /// <summary>The meter of everything that this server measures.</summary>
    public const string Name = "Chasqui";
}
