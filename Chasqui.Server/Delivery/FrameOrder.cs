namespace Chasqui.Server.Delivery;

/// <summary>
/// Keeps the frames of one connection in order. A frame holds the turn until its write is queued, a join with <c>after</c> until
/// it has caught up; the next frames wait in order of arrival.
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
            // Cancelled waiters leave in any order: an earlier frame may be cancelled, and the client sends that one again after
            // a reconnect. This one must not be stored before it.
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
