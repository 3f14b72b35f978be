using System.Data.Common;
using System.Diagnostics;
using Chasqui.Protocol;
using Chasqui.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Storage;

/// <summary>
/// The one writer. Whatever is queued while a commit is under way shares the next one, so that the price of an fsync is
/// split among all who wait for it; acknowledgement and fan-out follow the commit, in the order of the queue.
/// </summary>
internal sealed class WriteQueue(
    IDatabase database,
    IOptions<StorageOptions> options,
    IHostApplicationLifetime lifetime,
    CommitMeasures measures,
    ILogger<WriteQueue> logger,
    Announcing? announcing = null,
    InDoubt? inDoubt = null) : IDisposable
{
    /// <summary>How often a batch is tried that other servers got in the way of.</summary>
    private const int MaxAttempts = 5;

    private readonly StorageOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _queued = new(initialState: false);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Write> _queue = new();
    private WriteSession? _session;
    private bool _beside;
    private bool _started;
    private bool _stopping = true;
    private volatile bool _untrusted;
    private bool _unavailable;
    private long _commits;

    /// <summary>How many batches have been committed.</summary>
    public long Commits => Volatile.Read(ref _commits);

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

    /// <summary>Whether the disk has failed, and the server is stopping for it.</summary>
    public bool HasFailed => _untrusted;

    /// <summary>Opens the write connection and starts the writer's thread.</summary>
    /// <param name="beside">See <see cref="IDatabase.Open"/>.</param>
    public void Start(bool beside)
    {
        _beside = beside;
        _session = database.OpenWriter(beside);
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
            if (_untrusted)
            {
                Refuse(batch, WriteRefusal.StorageUnavailable, cause: null);
                continue;
            }

            Commit(batch);
            Maintain(session => session.Rest(batch.Sum(write => write.Weight)));
        }

        Close();
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

    private void Commit(List<Write> batch, int attempts = MaxAttempts)
    {
        var began = Stopwatch.GetTimestamp();
        var trace = WriteTracing.Begin(batch);
        try
        {
            ForgetBroken();
            var session = _session ??= database.OpenWriter(_beside);
            session.Begin(batch);
            foreach (var write in batch)
            {
                write.Execute(session);
            }

            session.Commit();
        }
        catch (DbException e) when (StorageFault.Of(e) == StorageFault.Contended && attempts > 1)
        {
            Rollback();
            WriteTracing.End(trace, [], e.Message);
            Commit(batch, attempts - 1);
            return;
        }
        catch (DbException e) when (StorageFault.Of(e) is { } fault)
        {
            WriteTracing.End(trace, batch, e.Message);
            OnFault(batch, fault, e);
            return;
        }
        catch (InvalidOperationException e) when (_session is { IsBroken: true })
        {
            // It broke while nothing was asked of it.
            OnFault(batch, StorageFault.Unavailable, e);
            return;
        }
#pragma warning disable CA1031 // Whatever one write throws must not reach its neighbours or end the writer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Rollback();
            WriteTracing.End(trace, batch.Count == 1 ? batch : [], e.Message);
            Isolate(batch, e);
            return;
        }

        Interlocked.Increment(ref _commits);
        measures.Committed(batch.Count, began);
        WriteTracing.End(trace, batch);
        if (_unavailable)
        {
            _unavailable = false;
            StorageLog.AvailableAgain(logger);
        }

        if (announcing is null || batch.Count == 1)
        {
            // What is said once needs no holding back.
            Announce(batch);
        }
        else
        {
            announcing(() => Announce(batch));
        }
    }

    private void Announce(List<Write> batch)
    {
        foreach (var write in batch)
        {
            try
            {
                write.Committed();
            }
#pragma warning disable CA1031 // It is on disk, whatever became of the announcement; the next ones must go out.
            catch (Exception e)
#pragma warning restore CA1031
            {
                StorageLog.AnnouncementFailed(logger, e);
            }
        }
    }

    /// <summary>One write spoiled the batch: each gets a transaction of its own, so that only that one is refused.</summary>
    private void Isolate(List<Write> batch, Exception cause)
    {
        if (batch.Count == 1)
        {
            StorageLog.WriteFailed(logger, cause);
            Refuse(batch, WriteRefusal.Failed, cause);
            return;
        }

        foreach (var write in batch)
        {
            if (_untrusted)
            {
                Refuse([write], WriteRefusal.StorageUnavailable, cause: null);
            }
            else
            {
                Commit([write]);
            }
        }
    }

    private void OnFault(List<Write> batch, StorageFault fault, Exception cause)
    {
        if (fault == StorageFault.Untrusted)
        {
            // Not even a rollback: after a failed fsync nobody knows what the disk holds, and only a restart can find out.
            _untrusted = true;
            StorageLog.Fatal(logger, cause.Message);
            Environment.ExitCode = ExitCodes.StorageFailed;
            // Not on this thread: stopping waits for the writer.
            ThreadPool.UnsafeQueueUserWorkItem(static lifetime => lifetime.StopApplication(), lifetime, preferLocal: false);
        }
        else
        {
            Rollback();
            if (!_unavailable)
            {
                _unavailable = true;
                StorageLog.Unavailable(logger, cause.Message, batch.Count);
            }
        }

        Refuse(batch, WriteRefusal.StorageUnavailable, cause);
        inDoubt?.Invoke();
    }

    private static void Refuse(List<Write> batch, WriteRefusal refusal, Exception? cause)
    {
        foreach (var write in batch)
        {
            write.Refused(new WriteRefusedException(refusal, cause));
        }
    }

    private void Rollback()
    {
        try
        {
            _session?.Rollback();
        }
        catch (DbException)
        {
            // The database has rolled back by itself, or the transaction never began.
        }

        ForgetBroken();
    }

    private void ForgetBroken()
    {
        if (_session is { IsBroken: true })
        {
            _session.Dispose();
            _session = null;
        }
    }

    private void Maintain(Action<WriteSession> maintain)
    {
        if (_untrusted || _session is null)
        {
            return;
        }

        try
        {
            maintain(_session);
        }
        catch (DbException e) when (StorageFault.Of(e) == StorageFault.Untrusted)
        {
            OnFault([], StorageFault.Untrusted, e);
        }
        catch (DbException e)
        {
            StorageLog.CheckpointFailed(logger, e.Message);
        }
    }

    private void Close()
    {
        Maintain(static session => session.Finish());
        // After a failed fsync closing would sync once more, and that must not be tried: the log is read at the next start.
        if (!_untrusted)
        {
            _session?.Dispose();
        }
    }
}
