using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// Folds the write-ahead log into the database. Most of it is folded in beside the writer, who would keep everybody waiting
/// for tens of milliseconds; what has come meanwhile the writer folds in itself, since only a log of which nothing is left is
/// begun anew.
/// </summary>
internal sealed class WalCheckpointer(SqliteDatabase database, WriteSession session)
{
    /// <summary>Some ten megabytes of log.</summary>
    private const int WeightBetween = 4_000;

    private const string PassiveSql = "PRAGMA wal_checkpoint(PASSIVE)";

    private DbConnection? _connection;
    private Thread? _thread;
    private SqliteException? _failure;
    private int _weight;

    /// <summary>Called by the writer between its commits.</summary>
    /// <param name="weight">What the last one has written (see <see cref="Write.Weight"/>).</param>
    /// <exception cref="SqliteException">The log is not folded in, and the disk may have failed.</exception>
    public void Continue(int weight)
    {
        _weight += weight;
        if (_thread is { IsAlive: false })
        {
            EndBeside();
            session.Command(PassiveSql, []).ExecuteNonQuery();
        }
        else if (_thread is null && _weight >= WeightBetween)
        {
            _weight = 0;
            _thread = new Thread(FoldBeside) { Name = "Chasqui log folding", IsBackground = true };
            _thread.Start();
        }
    }

    /// <summary>Folds in what is left, and leaves no log behind.</summary>
    /// <exception cref="SqliteException">As above.</exception>
    public void Finish()
    {
        EndBeside();
        _connection?.Dispose();
        session.Command("PRAGMA wal_checkpoint(TRUNCATE)", []).ExecuteNonQuery();
    }

    private void FoldBeside()
    {
        try
        {
            _connection ??= database.Connect();
            _connection.Execute(PassiveSql);
        }
        catch (SqliteException e)
        {
            // For the writer, who knows what it means.
            _failure = e;
        }
    }

    private void EndBeside()
    {
        _thread?.Join();
        _thread = null;
        // Anything else is no reason why the writer should not fold in here what is left.
        if (Interlocked.Exchange(ref _failure, null) is { } failure && StorageFault.Of(failure) == StorageFault.Untrusted)
        {
            throw failure;
        }
    }
}
