using System.ComponentModel.DataAnnotations;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Delivery;

/// <summary>How far a slow reader may fall behind, and how a server leaves.</summary>
internal sealed class DeliveryOptions : IOptionsSection
{
    public static string Section => "Delivery";

    /// <summary>What may wait for one connection beyond the socket's own buffers, in bytes; past it the connection is closed.</summary>
    [Range(typeof(long), "524288", "1073741824")]
    public long MaxQueuedBytesPerConnection { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a server that was told to stop serves on as not ready, before it tells anybody and closes: a proxy that asks for its
    /// health sends nobody to it by then.
    /// </summary>
    [Range(0, 30)]
    public int DrainDelaySeconds { get; set; }

    /// <summary>The same as a time.</summary>
    public TimeSpan DrainDelay => TimeSpan.FromSeconds(DrainDelaySeconds);
}
