using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// A prepared statement that the writer runs for every message. Microsoft.Data.Sqlite looks each parameter up by its name and
/// makes several objects for each run, which takes longer than the statement.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <param name="connection">The open connection.</param>
    /// <param name="sql">One statement. Its parameters are bound in the order in which they first stand there.</param>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, (uint)raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    /// <summary>Binds a uuid.</summary>
    public SqliteStatement Bind(int parameter, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        Check(raw.sqlite3_bind_blob(_statement, parameter, bytes));
        return this;
    }

    /// <summary>Binds a text, which may contain U+0000.</summary>
    public SqliteStatement Bind(int parameter, string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(_statement, parameter));
            return this;
        }

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, rented);
        Check(raw.sqlite3_bind_text(_statement, parameter, rented.AsSpan(0, length)));
        ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    /// <summary>Runs the statement.</summary>
    /// <param name="onRow">Called for each row; the values of columns are good inside it.</param>
    public void Run(Action<SqliteStatement>? onRow = null)
    {
        int result;
        while ((result = raw.sqlite3_step(_statement)) == raw.SQLITE_ROW)
        {
            onRow?.Invoke(this);
        }

        // It returns the error of the run once more.
        raw.sqlite3_reset(_statement);
        Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
    }

    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public Guid Uuid(int column) => new(raw.sqlite3_column_blob(_statement, column), bigEndian: true);

    /// <returns><see langword="null"/> for NULL.</returns>
    public string? Text(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL
        ? null
        : Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    public void Dispose() => _statement.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
