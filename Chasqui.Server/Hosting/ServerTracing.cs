using System.Diagnostics;

namespace Chasqui.Server.Hosting;

internal static class ServerTracing
{
    public const string Name = "Chasqui";

    /// <summary>The source of everything that this server traces, beside what the framework does.</summary>
    public static readonly ActivitySource Source = new(Name, ServerVersion.Current);
}
