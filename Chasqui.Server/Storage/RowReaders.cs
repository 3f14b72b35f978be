using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chasqui.Server.Storage;

/// <summary>
/// Reads columns that cannot be null, for rows that are read in great number. SQLite's come straight from its statement:
/// Microsoft.Data.Sqlite asks it twice whether there is a value, and takes three times as long.
/// </summary>
internal static class RowReaders
{
    public static Guid ReadUuid(this DbDataReader row, int column) => row is SqliteDataReader sqlite
        ? new Guid(raw.sqlite3_column_blob(sqlite.Handle, column), bigEndian: true)
        : new Guid(row.GetFieldValue<byte[]>(column), bigEndian: true);

    /// <summary>What people wrote: <c>utf8_text</c>, where there is such a type.</summary>
    public static string ReadText(this DbDataReader row, int column) => row is SqliteDataReader sqlite
        ? Encoding.UTF8.GetString(raw.sqlite3_column_blob(sqlite.Handle, column))
        : Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));

    public static long ReadNumber(this DbDataReader row, int column) => row is SqliteDataReader sqlite
        ? raw.sqlite3_column_int64(sqlite.Handle, column)
        : row.GetInt64(column);

    public static DateTimeOffset ReadTime(this DbDataReader row, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.ReadNumber(column));
}
