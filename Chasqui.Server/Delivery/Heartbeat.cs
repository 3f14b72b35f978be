namespace Chasqui.Server.Delivery;

/// <summary>WebSocket pings that find half-open connections.</summary>
internal static class Heartbeat
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
}
