namespace Chasqui.Tests.Checker;

/// <summary>Counts what happens under load, and lets a test act at a chosen number of acks.</summary>
/// <param name="budget">The messages that are sent, all clients together.</param>
internal sealed class LoadProgress(int budget)
{
    private readonly Lock _gate = new();
    private readonly List<(long Acks, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstRefusal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _budget = budget;
    private long _sends;
    private long _acks;
    private long _retries;
    private long _duplicates;
    private long _nextWait = long.MaxValue;

    public long Sends => Interlocked.Read(ref _sends);

    public long Acks => Interlocked.Read(ref _acks);

    public long Retries => Interlocked.Read(ref _retries);

    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Completes when a message has been refused as <c>storage_unavailable</c>.</summary>
    public Task StorageUnavailable => _firstRefusal.Task;

    /// <summary>Completes when the budget is used up: nothing new is sent any more.</summary>
    public Task Over => _over.Task;

    /// <summary>Takes one message off the budget.</summary>
    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _budget) < 0)
        {
            _over.TrySetResult();
            return false;
        }

        Interlocked.Increment(ref _sends);
        return true;
    }

    /// <summary>Sends no new messages from now on.</summary>
    public void Stop()
    {
        Interlocked.Exchange(ref _budget, 0);
        _over.TrySetResult();
    }

    public void Retried() => Interlocked.Increment(ref _retries);

    public void StorageRefused() => _firstRefusal.TrySetResult();

    public void Acknowledged(bool duplicate)
    {
        if (duplicate)
        {
            Interlocked.Increment(ref _duplicates);
        }

        var acks = Interlocked.Increment(ref _acks);
        if (acks >= Volatile.Read(ref _nextWait))
        {
            Release();
        }
    }

    /// <summary>Completes at the given number of acks.</summary>
    public Task WhenAcksAsync(long acks)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((acks, reached));
        }

        Release();
        return reached.Task;
    }

    private void Release()
    {
        lock (_gate)
        {
            Volatile.Write(ref _nextWait, long.MaxValue);
            foreach (var (_, reached) in _waiting.Where(wait => wait.Acks <= Acks))
            {
                reached.TrySetResult();
            }

            _waiting.RemoveAll(wait => wait.Reached.Task.IsCompleted);
            if (_waiting.Count > 0)
            {
                Volatile.Write(ref _nextWait, _waiting.Min(wait => wait.Acks));
            }
        }

        // Acks that came between reading the count and announcing the next wait.
        if (Acks >= Volatile.Read(ref _nextWait))
        {
            Release();
        }
    }
}
