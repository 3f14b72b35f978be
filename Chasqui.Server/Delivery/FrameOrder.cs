namespace Chasqui.Server.Delivery;

/// <summary>
/// Keeps the frames of one connection in order: each holds the turn until it stands in the log's queue. It is free
/// unless a join is replaying, and whoever waits is served in order of arrival.
/// </summary>
internal sealed class FrameOrder() : SemaphoreSlim(1)
{
    public ValueTask<Holder> TakeAsync(CancellationToken cancellationToken)
    {
#pragma warning disable VSTHRD103 // With no time to wait it does not block.
        return Wait(0, cancellationToken) ? ValueTask.FromResult(new Holder(this)) : WaitForTurnAsync(cancellationToken);
#pragma warning restore VSTHRD103
    }

    private async ValueTask<Holder> WaitForTurnAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        if (cancellationToken.IsCancellationRequested)
        {
            // Cancelled waiters leave the queue in any order: an earlier frame may be gone already, and a client that comes
            // back with it must not find this one before it.
            Release();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return new Holder(this);
    }

    public readonly struct Holder(FrameOrder turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
