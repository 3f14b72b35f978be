using Chasqui.Protocol;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Storage;

/// <summary>
/// What is to be written, for the one writer. Whatever is queued while a commit is under way shares the next one, so that the
/// price of an fsync is split among all who wait for it.
/// </summary>
internal sealed class WriteQueue(Writer writer, IOptions<StorageOptions> options) : IDisposable
{
    private readonly StorageOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _queued = new(initialState: false);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Write> _queue = new();
    private bool _started;
    private bool _stopping = true;

    /// <summary>How many writes wait for the next batch.</summary>
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

    /// <summary>Opens the write connection and starts the writer's thread.</summary>
    /// <param name="attachToRunningServer">See <see cref="IDatabase.Open"/>.</param>
    public void Start(bool attachToRunningServer)
    {
        writer.Open(attachToRunningServer);
        _stopping = false;
        _started = true;
        new Thread(Run) { Name = "Chasqui writer", IsBackground = true }.Start();
    }

    /// <summary>Takes no more writes, commits what is queued, and closes the database.</summary>
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

    /// <summary>Queues a write.</summary>
    /// <param name="execute">Runs inside the transaction.</param>
    /// <param name="committed">Runs on the writer's thread after the commit, before anything that was queued later.</param>
    /// <param name="conversation">See <see cref="Write.Conversation"/>.</param>
    /// <param name="ordered">See <see cref="Write.IsOrdered"/>.</param>
    /// <exception cref="WriteRefusedException">Nothing was stored.</exception>
    public Task<T> RunAsync<T>(
        Func<WriteSession, T> execute, Action<T>? committed = null, ConversationId? conversation = null, bool ordered = false)
    {
        var write = new Write<T>(execute, committed, conversation, ordered);
        Enqueue(write);
        return write.Completion;
    }

    /// <summary>Queues a write; it is refused at once where the queue is full or closed.</summary>
    public void Enqueue(Write write)
    {
        WriteRefusal refusal;
        WriteTracing.Queued(write);
        lock (_gate)
        {
            if (!_stopping && _queue.Count < _options.MaxQueuedWrites)
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
        var batch = new List<Write>(_options.MaxWritesPerCommit);
        while (Take(batch))
        {
            writer.Write(batch);
        }

        writer.Close();
        _stopped.SetResult();
    }

    /// <returns><see langword="false"/> when the queue is closed and empty.</returns>
    private bool Take(List<Write> batch)
    {
        batch.Clear();
        while (true)
        {
            lock (_gate)
            {
                while (batch.Count < _options.MaxWritesPerCommit && _queue.TryDequeue(out var write))
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
