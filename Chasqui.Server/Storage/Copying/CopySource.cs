using Chasqui.Server.Configuration;
using Chasqui.Server.Storage.Sqlite;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chasqui.Server.Storage.Copying;

/// <summary>
/// The SQLite database that is copied. It is only read, no server can have it meanwhile, and everything is read as it was at one
/// moment.
/// </summary>
internal sealed class CopySource : IDisposable
{
    private readonly IDisposable _lock;
    private readonly SqliteConnection _connection;
    private readonly long _version;
    private SqliteTransaction? _moment;

    /// <param name="path">A server's data folder, or a database file.</param>
    /// <exception cref="StartupException">It cannot be copied.</exception>
    public CopySource(string path)
    {
        var file = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, StorageOptions.DatabaseName) : path);
        if (!File.Exists(file))
        {
            throw new StartupException($"There is no database '{file}', or it may not be read.");
        }

        var folder = Path.GetDirectoryName(file)!;
        _lock = DataFolder.TryLock(Path.Combine(folder, StorageOptions.LockName), out var reason)
            ?? throw new StartupException($"'{folder}' cannot be locked; does a server use it? Stop it first. {reason}");
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        try
        {
            _connection.Open();
            RequireThisVersion(file);
            _version = DataVersion();
            _moment = _connection.BeginTransaction(deferred: true);
        }
        catch (Exception e)
        {
            Dispose();
            if (e is SqliteException)
            {
                throw new StartupException($"The database '{file}' cannot be read: {e.Message}");
            }

            throw;
        }
    }

    public long Count(CopiedTable table) => _connection.ExecuteScalar<long>($"SELECT COUNT(*) FROM {table.Name}");

    /// <summary>The highest number that a row of this table was ever given, as far as that is known; 0 where there was none.</summary>
    public long LastNumber(CopiedTable table) => _connection.ExecuteScalar<long>($"""
        SELECT MAX(COALESCE((SELECT MAX({table.KeyNames}) FROM {table.Name}), 0),
                   COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{table.Name}'), 0))
        """);

    /// <summary>The rows in the order of their keys.</summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The one after which to begin; without it, from the first.</param>
    public IEnumerable<CopiedRow> Rows(CopiedTable table, CopiedRow? after = null)
    {
        using var command = _connection.CreateCommand();
        var from = "";
        if (after is not null)
        {
            var names = Enumerable.Range(0, table.Key).Select(i => $"@key{i}").ToArray();
            from = $"WHERE ({table.KeyNames}) > ({string.Join(", ", names)})";
            for (var i = 0; i < names.Length; i++)
            {
                command.Parameters.AddWithValue(names[i], after.Values[i]);
            }
        }

        command.CommandText = $"SELECT {table.ColumnNames} FROM {table.Name} {from} ORDER BY {table.KeyNames}";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return Read(reader, table);
        }
    }

    /// <exception cref="CopyException">Somebody has written meanwhile.</exception>
    public void RequireUnchanged()
    {
        _moment?.Dispose();
        _moment = null;
        if (DataVersion() != _version)
        {
            throw new CopyException("The source was changed while it was copied, by a command beside it: the copy is of how it was before. "
                + "Begin again with an empty target.");
        }
    }

    public void Dispose()
    {
        _moment?.Dispose();
        _connection.Dispose();
        _lock.Dispose();
    }

    /// <summary>Straight from the statement: a text as its bytes, with whatever U+0000 is in it.</summary>
    private static CopiedRow Read(SqliteDataReader reader, CopiedTable table)
    {
        var values = new object?[table.Columns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = raw.sqlite3_column_type(reader.Handle, i) == raw.SQLITE_NULL ? null
                : table.Columns[i].Kind is ColumnKind.Number or ColumnKind.Flag ? raw.sqlite3_column_int64(reader.Handle, i)
                : raw.sqlite3_column_blob(reader.Handle, i).ToArray();
        }

        return new CopiedRow(values);
    }

    /// <summary>Another one when another process has written.</summary>
    private long DataVersion() => _connection.ExecuteScalar<long>("PRAGMA data_version");

    private void RequireThisVersion(string file)
    {
        if (_connection.ExecuteScalar<long>("SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_migrations'") == 0)
        {
            throw new StartupException($"'{file}' is no database of Chasqui.");
        }

        if (!SqliteDatabase.Migrations.AreApplied(_connection))
        {
            throw new StartupException($"'{file}' is of another version than this command: start this version's server with it once, which "
                + "brings it up to date, and stop it again.");
        }
    }
}
