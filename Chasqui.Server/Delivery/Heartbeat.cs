namespace Chasqui.Server.Delivery;

/// <summary>How half-open connections are found: WebSocket pings, and a limit on how long their answer may take.</summary>
internal static class Heartbeat
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
}
