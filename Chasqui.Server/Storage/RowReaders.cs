using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chasqui.Server.Storage;

/// <summary>
/// Reads columns that are not null. SQLite's values come straight from the statement: Microsoft.Data.Sqlite checks twice for null
/// and takes three times as long.
/// </summary>
internal static class RowReaders
{
    public static Guid ReadUuid(this DbDataReader row, int column) => new(row.ReadBytes(column), bigEndian: true);

    /// <summary>Text of users (<c>utf8_text</c>).</summary>
    public static string ReadText(this DbDataReader row, int column) => Encoding.UTF8.GetString(row.ReadBytes(column));

    public static long ReadNumber(this DbDataReader row, int column) =>
        row is SqliteDataReader sqlite ? raw.sqlite3_column_int64(sqlite.Handle, column) : row.GetInt64(column);

    public static DateTimeOffset ReadTime(this DbDataReader row, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.ReadNumber(column));

    private static ReadOnlySpan<byte> ReadBytes(this DbDataReader row, int column) => row is SqliteDataReader sqlite
        ? raw.sqlite3_column_blob(sqlite.Handle, column)
        : row.GetFieldValue<byte[]>(column);
}
