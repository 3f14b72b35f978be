namespace Chasqui.Server.Limits;

/// <summary>
/// Runs a few requests at a time, and lets the others wait for their turn, an address after the other. The thread pool has one
/// order for all: what thousands of clients ask for at once would run before the frames of the chat and the requests of others.
/// </summary>
internal sealed class RequestQueue
{
    private static readonly int MaxRunning = 2 * Environment.ProcessorCount;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Queue<TaskCompletionSource>> _waiting = [];

    /// <summary>The addresses that have requests waiting, in the order of their turns.</summary>
    private readonly Queue<IPAddress> _turns = [];
    private int _running;

    /// <summary>
    /// A request is running until it awaits its client or a result for the first time, so that slow clients keep no place.
    /// </summary>
    public Task RunAsync(HttpContext http, IPAddress address, RequestDelegate next)
    {
        if (Enter(address) is { } turn)
        {
            return WaitAsync(turn, http, next);
        }

        try
        {
            return next(http);
        }
        finally
        {
            Leave();
        }
    }

    private static async Task WaitAsync(Task turn, HttpContext http, RequestDelegate next)
    {
        await turn;
        if (!http.RequestAborted.IsCancellationRequested)
        {
            await next(http);
        }
    }

    /// <returns>The turn to wait for; <see langword="null"/> where the request runs at once.</returns>
    private Task? Enter(IPAddress address)
    {
        lock (_lock)
        {
            if (_running < MaxRunning)
            {
                _running++;
                return null;
            }

            ref var waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, address, out var isWaiting);
            if (!isWaiting)
            {
                waiting = new();
                _turns.Enqueue(address);
            }

            var turn = new TaskCompletionSource();
            waiting!.Enqueue(turn);
            return turn.Task;
        }
    }

    /// <summary>The place goes to the next request, which runs after what the thread pool has to do already.</summary>
    private void Leave()
    {
        if (Next() is { } turn)
        {
            ThreadPool.UnsafeQueueUserWorkItem(Run, turn, preferLocal: false);
        }
    }

    private void Run(TaskCompletionSource turn)
    {
        // The request runs on this thread.
        turn.SetResult();
        Leave();
    }

    private TaskCompletionSource? Next()
    {
        lock (_lock)
        {
            if (!_turns.TryDequeue(out var address))
            {
                _running--;
                return null;
            }

            var waiting = _waiting[address];
            var turn = waiting.Dequeue();
            if (waiting.Count > 0)
            {
                _turns.Enqueue(address);
            }
            else
            {
                _waiting.Remove(address);
            }

            return turn;
        }
    }
}
