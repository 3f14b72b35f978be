using Microsoft.Data.Sqlite;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// Checkpoints the write-ahead log. A thread of its own does most of the work, which takes tens of milliseconds; the writer
/// thread then checkpoints what was committed meanwhile, since SQLite restarts the log only when all of it is checkpointed.
/// </summary>
internal sealed class WalCheckpointer(SqliteDatabase database, WriteSession session)
{
    /// <summary>Some ten megabytes of log.</summary>
    private const int PagesBetween = 4_000;

    private const string PassiveSql = "PRAGMA wal_checkpoint(PASSIVE)";

    private DbConnection? _connection;
    private Thread? _thread;
    private SqliteException? _failure;
    private int _pages;

    /// <summary>Called by the writer thread after each commit.</summary>
    public void AfterCommit(int pages)
    {
        _pages += pages;
        if (_thread is { IsAlive: false })
        {
            EndThread();
            session.Command(PassiveSql, []).ExecuteNonQuery();
        }
        else if (_thread is null && _pages >= PagesBetween)
        {
            _pages = 0;
            _thread = new Thread(Checkpoint) { Name = "Chasqui checkpoint", IsBackground = true };
            _thread.Start();
        }
    }

    /// <summary>Checkpoints everything and leaves an empty log.</summary>
    public void Finish()
    {
        EndThread();
        _connection?.Dispose();
        session.Command("PRAGMA wal_checkpoint(TRUNCATE)", []).ExecuteNonQuery();
    }

    private void Checkpoint()
    {
        try
        {
            _connection ??= database.Connect();
            _connection.Execute(PassiveSql);
        }
        catch (SqliteException e)
        {
            // The writer thread handles it.
            _failure = e;
        }
    }

    private void EndThread()
    {
        _thread?.Join();
        _thread = null;
        // After any other failure the checkpoint of the writer thread can still succeed.
        if (Interlocked.Exchange(ref _failure, null) is { } failure && StorageFault.Of(failure) == StorageFault.Untrusted)
        {
            throw failure;
        }
    }
}
