using System.Runtime.CompilerServices;

namespace Chasqui.Server.WebSockets;

/// <summary>Counts the control frames in what is read.</summary>
internal sealed class ControlFrameStream(Stream inner, Action<int> count) : SocketStream(inner)
{
    private ControlFrameCount _frames;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        count(_frames.In(buffer.Span[..read]));
        return read;
    }
}
