using Chasqui.Server.Configuration;

namespace Chasqui.Server.Delivery;

/// <summary>Slow readers and the stop of the server.</summary>
internal sealed class DeliveryOptions : IValidatedOptions
{
    public static string Section => "Delivery";

    /// <summary>
    /// Bytes that may be queued for one connection, beyond the socket's buffers; more closes the connection with 4408.
    /// </summary>
    public long MaxQueuedBytesPerConnection { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a stopping server still serves while <c>/health/ready</c> answers 503, in seconds: time for a proxy to stop
    /// sending clients to it.
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
