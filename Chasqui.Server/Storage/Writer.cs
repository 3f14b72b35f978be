using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage;

/// <summary>Runs the callbacks of one commit, and sends what they write to the connections as one output batch.</summary>
internal delegate void CommitCallbackRunner(Action callbacks);

/// <summary>Called when writes were refused that may nevertheless be stored.</summary>
internal delegate void UncertainCommitHandler();

/// <summary>
/// Commits batches on one connection. Acknowledgement and fan-out follow the commit, in the order of the batch. Only the writer
/// thread calls its methods; any thread may read its properties.
/// </summary>
internal sealed class Writer(
    IDatabase database,
    IHostApplicationLifetime lifetime,
    CommitMetrics metrics,
    ILogger<Writer> logger,
    CommitCallbackRunner? callbackRunner = null,
    UncertainCommitHandler? uncertainCommit = null)
{
    /// <summary>How often a batch is tried when it conflicts with transactions of other servers.</summary>
    private const int MaxAttempts = 5;

    private WriteSession? _session;
    private bool _attachToRunningServer;
    private volatile bool _failed;
    private bool _unavailable;
    private long _commits;
    private long _exclusiveCommits;

    /// <summary>The number of committed batches.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>
    /// The number of committed batches with a write that other servers poll for (<see cref="Storage.Write.IsExclusive"/>). It
    /// rises before they are acknowledged.
    /// </summary>
    public long ExclusiveCommits => Volatile.Read(ref _exclusiveCommits);

    /// <summary>Whether the disk has failed. The server then stops.</summary>
    public bool HasFailed => _failed;

    public void Open(bool attachToRunningServer)
    {
        _attachToRunningServer = attachToRunningServer;
        _session = database.OpenWriter(attachToRunningServer);
    }

    /// <summary>Stores a batch, or refuses the writes that cannot be stored.</summary>
    public void Write(List<Write> batch)
    {
        if (_failed)
        {
            Refuse(batch, WriteRefusal.StorageUnavailable, cause: null);
            return;
        }

        if (!batch.Exists(static write => write.NeedsStorage))
        {
            // No transaction, so it says nothing about whether storage is available.
            RunCallbacks(batch);
            return;
        }

        Commit(batch);
        RunMaintenance(session => session.AfterCommit(batch.Sum(write => write.Pages)));
    }

    public void Close()
    {
        RunMaintenance(static session => session.BeforeClose());
        // After a failed fsync closing would call fsync again, which must not be tried: the next start reads the log.
        if (!_failed)
        {
            _session?.Dispose();
        }
    }

    private static void Refuse(List<Write> batch, WriteRefusal refusal, Exception? cause)
    {
        foreach (var write in batch)
        {
            write.Refused(new WriteRefusedException(refusal, cause));
        }
    }

    private void Execute(List<Write> batch)
    {
        DropBrokenSession();
        var session = _session ??= database.OpenWriter(_attachToRunningServer);
        session.Begin(batch);
        foreach (var write in batch)
        {
            write.Execute(session);
        }

        session.Commit();
    }

    private void Commit(List<Write> batch, int attempts = MaxAttempts)
    {
        var began = Stopwatch.GetTimestamp();
        var trace = WriteTracing.Begin(batch);
        try
        {
            Execute(batch);
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
            // The connection broke between two statements.
            WriteTracing.End(trace, batch, e.Message);
            OnFault(batch, StorageFault.Unavailable, e);
            return;
        }
#pragma warning disable CA1031 // An exception of one write must not affect the others or end the writer thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Rollback();
            WriteTracing.End(trace, batch.Count == 1 ? batch : [], e.Message);
            CommitSeparately(batch, e);
            return;
        }

        Interlocked.Increment(ref _commits);
        if (batch.Exists(static write => write.IsExclusive))
        {
            Interlocked.Increment(ref _exclusiveCommits);
        }

        metrics.Committed(batch.Count, began);
        WriteTracing.End(trace, batch);
        if (_unavailable)
        {
            _unavailable = false;
            StorageLog.AvailableAgain(logger);
        }

        // A single write needs no batching of its output.
        if (callbackRunner is null || batch.Count == 1)
        {
            RunCallbacks(batch);
        }
        else
        {
            callbackRunner(() => RunCallbacks(batch));
        }
    }

    private void RunCallbacks(List<Write> batch)
    {
        foreach (var write in batch)
        {
            try
            {
                write.Committed();
            }
#pragma warning disable CA1031 // The write is on disk, and the callbacks of the next writes must run.
            catch (Exception e)
#pragma warning restore CA1031
            {
                StorageLog.CallbackFailed(logger, e);
            }
        }
    }

    /// <summary>Commits each write of a failed batch in its own transaction: only the one that fails is refused.</summary>
    private void CommitSeparately(List<Write> batch, Exception cause)
    {
        if (batch.Count == 1)
        {
            StorageLog.WriteFailed(logger, cause);
            Refuse(batch, WriteRefusal.Failed, cause);
            return;
        }

        foreach (var write in batch)
        {
            if (_failed)
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
            // No rollback either: after a failed fsync the state of the disk is unknown until the next start.
            _failed = true;
            StorageLog.Fatal(logger, cause.Message);
            Environment.ExitCode = ExitCodes.StorageFailed;
            // On another thread: stopping waits for the writer thread.
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
        uncertainCommit?.Invoke();
    }

    private void Rollback()
    {
        try
        {
            _session?.Rollback();
        }
        catch (DbException)
        {
            // The database has rolled back already, or the transaction never began.
        }

        DropBrokenSession();
    }

    private void DropBrokenSession()
    {
        if (_session is { IsBroken: true })
        {
            _session.Dispose();
            _session = null;
        }
    }

    private void RunMaintenance(Action<WriteSession> maintenance)
    {
        if (_failed || _session is null)
        {
            return;
        }

        try
        {
            maintenance(_session);
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
}
