namespace Chasqui.Server.Storage;

/// <summary>
/// The queue of the one writer thread. Writes that are queued during a commit share the next commit, and with it the cost of an
/// fsync.
/// </summary>
internal sealed class WriteQueue(Writer writer, IOptions<StorageOptions> options) : IDisposable
{
    private const int MaxWritesPerCommit = 1_000;

    private readonly int _maxQueued = options.Value.MaxQueuedWrites;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _queued = new(initialState: false);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Write> _queue = new();
    private bool _started;
    private bool _stopping = true;

    /// <summary>The number of writes that wait for the next batch.</summary>
    public int Queued
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>See <see cref="Writer.ExclusiveCommits"/>.</summary>
    public long ExclusiveCommits => writer.ExclusiveCommits;

    /// <summary>Opens the write connection and starts the writer thread. See <see cref="IDatabase.Open"/>.</summary>
    public void Start(bool attachToRunningServer)
    {
        writer.Open(attachToRunningServer);
        _stopping = false;
        _started = true;
        new Thread(Run) { Name = "Chasqui writer", IsBackground = true }.Start();
    }

    /// <summary>Accepts no more writes, commits what is queued, and closes the write connection.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            if (!_started)
            {
                return Task.CompletedTask;
            }

            _stopping = true;
        }

        _queued.Set();
        return _stopped.Task;
    }

    /// <summary>
    /// Runs a delegate inside a transaction, and another on the writer thread after the commit, before the callbacks of later
    /// writes. The other parameters are those of <see cref="Write"/>.
    /// </summary>
    /// <exception cref="WriteRefusedException">Nothing was stored.</exception>
    public Task<T> RunAsync<T>(
        Func<WriteSession, T> execute, Action<T>? committed = null, ConversationId? conversation = null, bool exclusive = false)
    {
        var write = new Write<T>(execute, committed, conversation, exclusive);
        Enqueue(write);
        return write.Completion;
    }

    /// <summary>Queues a write. It is refused at once when the queue is full or stopping.</summary>
    public void Enqueue(Write write)
    {
        WriteRefusal refusal;
        WriteTracing.Queued(write);
        lock (_gate)
        {
            if (!_stopping && _queue.Count < _maxQueued)
            {
                _queue.Enqueue(write);
                if (_queue.Count == 1)
                {
                    _queued.Set();
                }

                return;
            }

            refusal = _stopping ? WriteRefusal.Stopping : WriteRefusal.Overloaded;
        }

        write.Refused(new WriteRefusedException(refusal));
    }

    public void Dispose() => _queued.Dispose();

    private void Run()
    {
        var batch = new List<Write>(MaxWritesPerCommit);
        while (Take(batch))
        {
            writer.Write(batch);
        }

        writer.Close();
        _stopped.SetResult();
    }

    /// <returns><see langword="false"/> when the queue is stopping and empty.</returns>
    private bool Take(List<Write> batch)
    {
        batch.Clear();
        while (true)
        {
            lock (_gate)
            {
                while (batch.Count < MaxWritesPerCommit && _queue.TryDequeue(out var write))
                {
                    batch.Add(write);
                }

                if (batch.Count > 0)
                {
                    if (_queue.Count > 0)
                    {
                        _queued.Set();
                    }

                    return true;
                }

                if (_stopping)
                {
                    return false;
                }
            }

            _queued.WaitOne();
        }
    }
}
