using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace Chasqui.Server.Storage;

/// <summary>Opens the one database file: pooled connections that read, and the one connection that writes.</summary>
internal sealed class SqliteDatabase(IOptions<StorageOptions> options)
{
    private readonly StorageOptions _options = options.Value;

    /// <summary>Connections for reading. They come from a pool and are never used to write.</summary>
    public DbDataSource CreateReaders() => SqliteFactory.Instance.CreateDataSource(ConnectionString(pooled: true));

    /// <summary>A connection that changes nothing, whatever state the file is in; its closing does not either.</summary>
    public DbConnection OpenToCheck()
    {
        var connection = new SqliteConnection(ConnectionString(pooled: false));
        connection.Open();
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        return connection;
    }

    /// <summary>Whether SQLite has opened the file for reading alone, which it does without a word when it may not write.</summary>
    public static bool IsReadOnly(DbConnection connection) =>
        raw.sqlite3_db_readonly(((SqliteConnection)connection).Handle, "main") == 1;

    /// <summary>The connection of the writer.</summary>
    public DbConnection OpenWriter()
    {
        var connection = new SqliteConnection(ConnectionString(pooled: false));
        connection.Open();
        // Checkpoints are the writer's own: SQLite's automatic ones would keep a failed fsync to themselves.
        connection.Execute("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -32768; -- KiB: the ends of some thousand busy conversations
            """);
        return connection;
    }

    private string ConnectionString(bool pooled) => new SqliteConnectionStringBuilder
    {
        DataSource = _options.DatabaseFile,
        Mode = SqliteOpenMode.ReadWriteCreate,
        // Only for those who write: setting it costs a statement each time that a connection comes out of the pool.
        ForeignKeys = pooled ? null : true,
        Pooling = pooled,
        DefaultTimeout = _options.LockTimeoutSeconds,
    }.ToString();
}
