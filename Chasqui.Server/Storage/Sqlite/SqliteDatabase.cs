using System.Data.Common;
using System.Globalization;
using Chasqui.Server.Configuration;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>The one database file: pooled connections that read, and the one connection that writes.</summary>
internal sealed class SqliteDatabase(IOptions<StorageOptions> options, ILogger<SqliteDatabase> logger) : IDatabase
{
    /// <summary>A file up to this size is checked through at every start; that takes a fraction of a second.</summary>
    private const long LargestCheckedFile = 64L * 1024 * 1024;

    public static readonly Migrations Migrations = new(
        "sql/sqlite/",
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            script     TEXT    NOT NULL PRIMARY KEY,
            checksum   TEXT    NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT
        """)
    {
        Amendments = new Dictionary<string, string>
        {
            ["a6db519e612c0744f1658b11e20bad2ce6e97824c8a794736caafd097966cbc3"] = "sql/sqlite/amendments/001_initial.sql",
        },
    };

    private readonly StorageOptions _options = options.Value;
    private IDisposable? _lock;

    public string Location => _options.FullDataFolder;

    public string Epoch { get; private set; } = "";

    /// <summary>As many as there are threads that read at once, mostly; more are closed after use.</summary>
    public int KeptReadSessions => 32;

    public DbDataSource CreateReaders() => SqliteFactory.Instance.CreateDataSource(ConnectionString(pooled: true));

    public void Open(bool attachToRunningServer)
    {
        var file = _options.DatabaseFile;
        if (attachToRunningServer)
        {
            DataFolder.RequireDatabase(file);
        }

        try
        {
            var folder = _options.FullDataFolder;
            DataFolder.Create(folder);
            _lock = DataFolder.TryLock(_options.LockFile, out var reason);
            if (_lock is not null)
            {
                FilePermissions.Check(folder, logger);
                FilePermissions.Close(_options.Files, logger);
                DataFolder.CreateDatabase(file);
            }
            else if (!attachToRunningServer)
            {
                throw new StartupException($"Storage:DataFolder '{folder}' cannot be locked; does another server use it? {reason}", mayPass: true);
            }

            Check(file);
            using var connection = Connect();
            if (_lock is not null)
            {
                Upgrade(connection, file);
            }
            else if (!Migrations.AreApplied(connection))
            {
                throw new StartupException("The server that is running is of another version than this command: use its own.");
            }

            Epoch = Storage.Epoch.Of(connection);
            if (attachToRunningServer)
            {
                // A server may start while the command is at work; SQLite folds the log in when the last of them closes.
                Close();
            }
        }
        catch (SqliteException e) when (StorageFault.Of(e) == StorageFault.Untrusted)
        {
            throw Damaged(file, e.Message);
        }
        catch (SqliteException e) when (StorageFault.Of(e) == StorageFault.Unavailable)
        {
            throw new StartupException($"The database '{file}' cannot be opened: {e.Message}");
        }
        catch (SqliteException e)
        {
            throw new StartupException(
                $"The database '{file}' cannot be used ({e.Message}). It was left as it is: if another program made it, name "
                + "another folder in Storage:DataFolder.");
        }
    }

    public WriteSession OpenWriter(bool attachToRunningServer) => new SqliteWriteSession(this, folds: !attachToRunningServer);

    public void Close()
    {
        _lock?.Dispose();
        _lock = null;
    }

    /// <summary>A connection that changes nothing, whatever state the file is in; its closing does not either.</summary>
    private SqliteConnection OpenToCheck()
    {
        var connection = new SqliteConnection(ConnectionString(pooled: false));
        connection.Open();
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        return connection;
    }

    /// <summary>Whether SQLite has opened the file for reading alone, which it does without a word when it may not write.</summary>
    private static bool IsReadOnly(SqliteConnection connection) =>
        raw.sqlite3_db_readonly(connection.Handle, "main") == 1;

    /// <summary>A connection that writes.</summary>
    public DbConnection Connect()
    {
        var connection = new SqliteConnection(ConnectionString(pooled: false));
        try
        {
            connection.Open();
            Configure(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Configure(SqliteConnection connection) =>
        // Checkpoints are the writer's own: SQLite's automatic ones would keep a failed fsync to themselves.
        connection.Execute("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -32768; -- KiB: the ends of some thousand busy conversations
            """);

    private string ConnectionString(bool pooled) => new SqliteConnectionStringBuilder
    {
        DataSource = _options.DatabaseFile,
        Mode = SqliteOpenMode.ReadWriteCreate,
        // Only for those who write: setting it costs a statement each time that a connection comes out of the pool.
        ForeignKeys = pooled ? null : true,
        Pooling = pooled,
        DefaultTimeout = _options.LockTimeoutSeconds,
    }.ToString();

    /// <summary>Before anything is written, so that a damaged file stays as it is for those who mend it.</summary>
    private void Check(string file)
    {
        using var connection = OpenToCheck();
        if (IsReadOnly(connection))
        {
            throw new StartupException(
                $"The database '{file}' cannot be written. Let the user that the server runs as write to it and to its folder, "
                + "or name another folder in Storage:DataFolder.");
        }

        if (new FileInfo(file).Length <= LargestCheckedFile
            && connection.ExecuteScalar<string>("PRAGMA quick_check(1)") is var verdict and not "ok")
        {
            throw Damaged(file, verdict!);
        }
    }

    /// <summary>Brings the database to this version, and keeps what it was: an earlier version cannot read what becomes of it.</summary>
    private void Upgrade(DbConnection connection, string file)
    {
        const string Older = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'";
        if (connection.ExecuteScalar<long>(Older) == 0 || !Migrations.AreMissing(connection))
        {
            Migrations.Apply(connection);
            return;
        }

        var backup = Path.Combine(_options.FullDataFolder, string.Create(
            CultureInfo.InvariantCulture, $"chasqui-before-{ServerVersion.Current}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss'Z'}.db"));
        StorageLog.BackingUp(logger, backup);
        try
        {
            new DatabaseBackup(file, backup).Make(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new StartupException(
                $"The database is of an earlier version, and a backup of it cannot be made before it is changed: {e.Message} It was left as it is.");
        }

        try
        {
            Migrations.Apply(connection);
        }
        catch
        {
            // The database is as it was; started again and again, the server would fill the disk.
            File.Delete(backup);
            throw;
        }

        StorageLog.Upgraded(logger, backup);
    }

    private static StartupException Damaged(string file, string reason) => new(
        $"The database '{file}' is damaged ({reason}). It was left as it is: restore a backup, or move the file away to "
        + "start with an empty one.");
}
