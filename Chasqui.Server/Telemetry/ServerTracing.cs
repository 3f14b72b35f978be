using System.Diagnostics;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Telemetry;

internal static class ServerTracing
{
    public const string Name = "Chasqui";

    /// <summary>The source of everything that this server traces, beside what the framework does.</summary>
    public static readonly ActivitySource Source = new(Name, ServerVersion.Current);
}
