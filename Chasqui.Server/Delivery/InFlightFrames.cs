namespace Chasqui.Server.Delivery;

/// <summary>Counts the frames that are being carried out: the server answers them before it closes their connections.</summary>
internal sealed class InFlightFrames
{
    private int _count;

    public bool Any => Volatile.Read(ref _count) > 0;

    public void Begin() => Interlocked.Increment(ref _count);

    public void End() => Interlocked.Decrement(ref _count);
}
