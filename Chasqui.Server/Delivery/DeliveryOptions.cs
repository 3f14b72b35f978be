using Chasqui.Server.Configuration;

namespace Chasqui.Server.Delivery;

/// <summary>Slow readers and the stop of the server.</summary>
internal sealed class DeliveryOptions : IOptionsSection
{
    public static string Section => "Delivery";

    /// <summary>
    /// Bytes that may be queued for one connection, beyond the socket's buffers; more closes the connection with 4408.
    /// </summary>
    [Range(typeof(long), "524288", "1073741824")]
    public long MaxQueuedBytesPerConnection { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a stopping server still serves while <c>/health/ready</c> answers 503, in seconds: time for a proxy to stop
    /// sending clients to it.
    /// </summary>
    [Range(0, 30)]
    public int DrainDelaySeconds { get; set; }

    /// <summary>The same as a time.</summary>
    public TimeSpan DrainDelay => TimeSpan.FromSeconds(DrainDelaySeconds);
}
