using Chasqui.Server.Configuration;

namespace Chasqui.Server.Delivery;

/// <summary>How far a slow reader may fall behind, and how a server leaves.</summary>
internal sealed class DeliveryOptions : IValidatedOptions
{
    public static string Section => "Delivery";

    /// <summary>What may wait for one connection beyond the socket's own buffers, in bytes; past it the connection is closed.</summary>
    public long MaxQueuedBytesPerConnection { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a server that was told to stop serves on as not ready, before it tells anybody and closes: a proxy that asks for its
    /// health sends nobody to it by then.
    /// </summary>
    public int DrainDelaySeconds { get; set; }

    /// <summary>The same as a time.</summary>
    public TimeSpan DrainDelay => TimeSpan.FromSeconds(DrainDelaySeconds);

    public IEnumerable<string> Problems() => new[]
    {
        this.Outside(nameof(MaxQueuedBytesPerConnection), MaxQueuedBytesPerConnection, 512 * 1024, 1024 * 1024 * 1024),
        this.Outside(nameof(DrainDelaySeconds), DrainDelaySeconds, 0, 30),
    }.OfType<string>();
}
