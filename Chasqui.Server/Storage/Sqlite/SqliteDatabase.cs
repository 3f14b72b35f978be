using Chasqui.Server.Configuration;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>The database file: pooled connections that read, and one connection that writes.</summary>
internal sealed class SqliteDatabase(IOptions<StorageOptions> options, ILogger<SqliteDatabase> logger) : IDatabase
{
    /// <summary>A file up to this size is checked at every start, which takes a fraction of a second.</summary>
    private const long LargestCheckedFile = 64L * 1024 * 1024;

    public static readonly Migrations Schema = new(
        Script.Embedded("sql/sqlite/"),
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            script     TEXT    NOT NULL PRIMARY KEY,
            checksum   TEXT    NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT
        """);

    private readonly StorageOptions _options = options.Value;
    private readonly ConversationHeads _heads = new();
    private IDisposable? _lock;

    public string Location => _options.FullDataFolder;

    public bool IsShared => false;

    public string? DatabaseFile => _options.DatabaseFile;

    public string Epoch { get; private set; } = "";

    /// <summary>About as many as threads that read at the same time. More connections are closed after use.</summary>
    public int KeptReadSessions => 32;

    /// <summary>A test upgrades to a made-up next version.</summary>
    public Migrations Migrations { get; init; } = Schema;

    public DbDataSource CreateReaders() => SqliteFactory.Instance.CreateDataSource(ConnectionString(pooled: true));

    public MessageTable CreateMessageTable() => new SqliteMessages(_heads);

    public void Open(bool attachToRunningServer)
    {
        var (folder, file) = (_options.FullDataFolder, _options.DatabaseFile);
        if (attachToRunningServer)
        {
            DataFolder.RequireDatabase(file);
        }

        try
        {
            DataFolder.Create(folder);
            _lock = DataFolder.TryLock(_options.LockFile);
            if (_lock is not null)
            {
                DataFolder.RestrictModes(folder, _options.Files, logger);
                DataFolder.CreateDatabase(file);
            }
            else if (!attachToRunningServer)
            {
                throw new StartupException(
                    $"Another server uses Storage:DataFolder '{folder}': stop it, or name another folder.", mayPass: true);
            }

            Check(file);
            using var connection = Connect();
            if (_lock is not null)
            {
                Upgrade(connection, file);
            }
            else if (!Migrations.AreApplied(connection))
            {
                throw new StartupException("The running server is of an older version than this command. Use its own command.");
            }

            Epoch = Storage.Epoch.Of(connection);
            if (attachToRunningServer)
            {
                // A server may start during the command. SQLite checkpoints when the last connection of all processes closes.
                Close();
            }
        }
        catch (SqliteException e)
        {
            throw (StorageFault.Of(e), e.SqliteErrorCode) switch
            {
                (StorageFault.Untrusted, _) => Damaged(file, e.Message),
                (_, raw.SQLITE_BUSY or raw.SQLITE_LOCKED) => new StartupException(
                    $"Another program has locked the database '{file}': end it.", mayPass: true),
                (_, raw.SQLITE_CANTOPEN) => DataFolder.Refused(file, new UnauthorizedAccessException()),
                (StorageFault.Unavailable, _) when DataFolder.IsFull(file) => DataFolder.Refused(file, e),
                (StorageFault.Unavailable, _) => new StartupException($"The database '{file}' cannot be opened: {e.Message}"),
                _ => new StartupException($"The database '{file}' cannot be used ({e.Message}). It was not changed. "
                    + "If it belongs to another program, name another folder in Storage:DataFolder."),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DataFolder.Refused(file, e);
        }
    }

    public WriteSession OpenWriter(bool attachToRunningServer) => new SqliteWriteSession(this, _heads, attachToRunningServer);

    public void Close()
    {
        _lock?.Dispose();
        _lock = null;
    }

    /// <summary>A connection that writes.</summary>
    public DbConnection Connect()
    {
        var connection = new SqliteConnection(ConnectionString(pooled: false));
        try
        {
            connection.Open();
            // The writer thread checkpoints: SQLite's automatic checkpoint would not report a failed fsync.
            connection.Execute("""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA secure_delete = ON; -- what is deleted is written over
                PRAGMA cache_size = -32768; -- KiB: the newest pages of some thousand busy conversations
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private string ConnectionString(bool pooled) => new SqliteConnectionStringBuilder
    {
        DataSource = _options.DatabaseFile,
        Mode = SqliteOpenMode.ReadWriteCreate,
        // Only for writing: it costs a statement each time that a connection leaves the pool.
        ForeignKeys = pooled ? null : true,
        Pooling = pooled,
        DefaultTimeout = _options.LockTimeoutSeconds,
    }.ToString();

    /// <summary>Before anything is written: a damaged file is not changed.</summary>
    private void Check(string file)
    {
        using var connection = new SqliteConnection(ConnectionString(pooled: false));
        connection.Open();
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        // SQLite silently opens a file that it cannot write for reading only.
        if (raw.sqlite3_db_readonly(connection.Handle, "main") == 1)
        {
            throw DataFolder.Refused(file, new UnauthorizedAccessException());
        }

        if (new FileInfo(file).Length <= LargestCheckedFile
            && connection.ExecuteScalar<string>("PRAGMA quick_check(1)") is var verdict and not "ok")
        {
            throw Damaged(file, verdict!);
        }
    }

    /// <summary>Applies the missing scripts. Keeps a copy first: an older version cannot read the upgraded database.</summary>
    private void Upgrade(DbConnection connection, string file)
    {
        const string HasSchema = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'";
        if (connection.ExecuteScalar<long>(HasSchema) == 0 || Migrations.AreApplied(connection))
        {
            Migrations.Apply(connection);
            return;
        }

        var backup = Path.Combine(_options.FullDataFolder, string.Create(
            CultureInfo.InvariantCulture, $"chasqui-before-{ServerVersion.Current}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss'Z'}.db"));
        StorageLog.BackingUp(logger, backup);
        try
        {
            new DatabaseBackup(file, backup).Make();
        }
        catch (CommandException e)
        {
            throw new StartupException($"The upgrade of the database needs a copy, which cannot be made: {e.Message} It was not changed.");
        }

        try
        {
            Migrations.Apply(connection);
        }
        catch
        {
            // The database was not changed. Without this, repeated starts would fill the disk with copies.
            File.Delete(backup);
            throw;
        }

        StorageLog.Upgraded(logger, backup);
    }

    private static StartupException Damaged(string file, string reason) => new(
        $"The database '{file}' is damaged ({reason}). It was not changed: restore a backup, or move it away to start without it.");
}
