using Chasqui.Server.Configuration;
using Chasqui.Server.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Chasqui.Server.Storage.Copying;

/// <summary>The SQLite database, read as it was at one moment. It is locked against servers and not changed.</summary>
internal sealed class CopySource : IDisposable
{
    private readonly IDisposable _lock;
    private readonly long _version;
    private SqliteTransaction? _snapshot;

    /// <param name="path">A server's data folder, or a database file.</param>
    public CopySource(string path)
    {
        var file = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, StorageOptions.DatabaseName) : path);
        if (!File.Exists(file))
        {
            throw new StartupException($"There is no database '{file}', or it cannot be read.");
        }

        var folder = Path.GetDirectoryName(file)!;
        _lock = DataFolder.TryLock(Path.Combine(folder, StorageOptions.LockName))
            ?? throw new StartupException($"A server uses '{folder}': stop it first.");
        Connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            Connection.Open();
            if (Connection.ExecuteScalar<long>("SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_migrations'") == 0)
            {
                throw new StartupException($"'{file}' is not a Chasqui database.");
            }

            if (!SqliteDatabase.Schema.AreApplied(Connection))
            {
                throw new StartupException($"'{file}' is of an older version. Start a server of this version on it once, then stop it.");
            }

            _version = DataVersion();
            _snapshot = Connection.BeginTransaction(deferred: true);
        }
        catch (SqliteException e)
        {
            Dispose();
            throw new StartupException($"The database '{file}' cannot be read: {e.Message}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SqliteConnection Connection { get; }

    public long Count(CopiedTable table) => Connection.ExecuteScalar<long>($"SELECT COUNT(*) FROM {table.Name}");

    /// <summary>The highest number that was assigned to a row of this table; 0 if there was none.</summary>
    public long LastNumber(CopiedTable table) => Connection.ExecuteScalar<long>($"""
        SELECT MAX(COALESCE((SELECT MAX({table.KeyNames}) FROM {table.Name}), 0),
                   COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{table.Name}'), 0))
        """);

    public void RequireUnchanged()
    {
        _snapshot?.Dispose();
        _snapshot = null;
        if (DataVersion() != _version)
        {
            throw new CommandException("Another command changed the source during the copy. Copy again, to an empty database.");
        }
    }

    public void Dispose()
    {
        _snapshot?.Dispose();
        Connection.Dispose();
        _lock.Dispose();
    }

    /// <summary>Changes when another process has written.</summary>
    private long DataVersion() => Connection.ExecuteScalar<long>("PRAGMA data_version");
}
