using System.Threading.Channels;
using Chasqui.Server.Presence;

namespace Chasqui.Server.Cluster;

/// <summary>
/// What is to be sent to the other servers. What does not fit, or comes while there is no link to them, is dropped.
/// </summary>
internal sealed class EphemeralQueue
{
    private const int MaxQueued = 1_000;

    private Channel<EphemeralMessage>? _queued;

    public ChannelReader<EphemeralMessage> Open()
    {
        var opened = Channel.CreateBounded<EphemeralMessage>(MaxQueued);
        Volatile.Write(ref _queued, opened);
        return opened.Reader;
    }

    public void Close() => Volatile.Write(ref _queued, null);

    /// <summary>Returns at once.</summary>
    public void Add(EphemeralMessage message) => Volatile.Read(ref _queued)?.Writer.TryWrite(message);
}
