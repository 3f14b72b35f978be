using System.Runtime.CompilerServices;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Transports.Connections;

/// <summary>
/// Counts the control frames in what is read like other frames: the framework answers pings by itself, and tells nobody.
/// </summary>
internal sealed class ControlFrameStream(CorkedStream inner) : SocketStream(inner)
{
    private ControlFrameCounter _frames;
    private ClientConnection? _control;
    private int _early;

    /// <summary>What is written to.</summary>
    public CorkedStream Output => inner;

    /// <summary>Says whose frames they are.</summary>
    public void Serve(ClientConnection control)
    {
        Volatile.Write(ref _control, control);
        control.Count(Interlocked.Exchange(ref _early, 0));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        Count(_frames.In(buffer.Span[..read]));
        return read;
    }

    private void Count(int frames)
    {
        if (Volatile.Read(ref _control) is { } control)
        {
            control.Count(frames);
        }
        else
        {
            Interlocked.Add(ref _early, frames);
        }
    }
}
