using Chasqui.Server.Configuration;

namespace Chasqui.Server.Telemetry;

internal static class ServerTracing
{
    public const string Name = "Chasqui";

    public static readonly ActivitySource Source = new(Name, ServerVersion.Current);
}
