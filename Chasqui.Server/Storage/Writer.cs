using System.Data.Common;
using System.Diagnostics;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage;

/// <summary>
/// Commits batches of writes on one connection, one after the other; acknowledgement and fan-out follow the commit, in the order
/// of the batch. Everything but what it says of itself is called by the writer's thread.
/// </summary>
internal sealed class Writer(
    IDatabase database,
    IHostApplicationLifetime lifetime,
    CommitMetrics measures,
    ILogger<Writer> logger,
    CommitAnnouncer? announcing = null,
    UncertainCommit? inDoubt = null)
{
    /// <summary>How often a batch is tried that other servers got in the way of.</summary>
    private const int MaxAttempts = 5;

    private WriteSession? _session;
    private bool _attachToRunningServer;
    private volatile bool _untrusted;
    private bool _unavailable;
    private long _commits;

    /// <summary>How many batches have been committed.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Whether the disk has failed, and the server is stopping for it.</summary>
    public bool HasFailed => _untrusted;

    /// <summary>Opens the connection, before there is a thread of the writer's.</summary>
    /// <param name="attachToRunningServer">See <see cref="IDatabase.Open"/>.</param>
    public void Open(bool attachToRunningServer)
    {
        _attachToRunningServer = attachToRunningServer;
        _session = database.OpenWriter(attachToRunningServer);
    }

    /// <summary>Stores a batch, or refuses those of it that cannot be stored.</summary>
    public void Write(List<Write> batch)
    {
        if (_untrusted)
        {
            Refuse(batch, WriteRefusal.StorageUnavailable, cause: null);
            return;
        }

        Commit(batch);
        Maintain(session => session.AfterCommit(batch.Sum(write => write.Weight)));
    }

    /// <summary>Finishes what is left to do between commits, and closes the connection.</summary>
    public void Close()
    {
        Maintain(static session => session.BeforeClose());
        // After a failed fsync closing would sync once more, and that must not be tried: the log is read at the next start.
        if (!_untrusted)
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

    private void Commit(List<Write> batch, int attempts = MaxAttempts)
    {
        var began = Stopwatch.GetTimestamp();
        var trace = WriteTracing.Begin(batch);
        try
        {
            ForgetBroken();
            var session = _session ??= database.OpenWriter(_attachToRunningServer);
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
}
