using Chasqui.Server.Hosting;

namespace Chasqui.Server.Delivery;

/// <summary>How far a slow reader may fall behind.</summary>
internal sealed class DeliveryOptions : IValidatedOptions
{
    public static string Section => "Delivery";

    /// <summary>What may wait for one connection beyond the socket's own buffers, in bytes; past it the connection is closed.</summary>
    public long MaxQueuedBytesPerConnection { get; set; } = 1024 * 1024;

    public IEnumerable<string> Problems() => new[]
    {
        this.Outside(nameof(MaxQueuedBytesPerConnection), MaxQueuedBytesPerConnection, 512 * 1024, 1024 * 1024 * 1024),
    }.OfType<string>();
}
