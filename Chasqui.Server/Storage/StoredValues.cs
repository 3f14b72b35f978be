using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chasqui.Server.Storage;

/// <summary>
/// Reads columns that cannot be null, for rows that are read in great number. They come straight from SQLite's statement:
/// Microsoft.Data.Sqlite asks it twice whether there is a value, and takes three times as long.
/// </summary>
internal static class StoredValues
{
    public static Guid ReadUuid(this DbDataReader row, int column) => new(raw.sqlite3_column_blob(Statement(row), column), bigEndian: true);

    public static string ReadText(this DbDataReader row, int column) =>
        Encoding.UTF8.GetString(raw.sqlite3_column_blob(Statement(row), column));

    public static long ReadNumber(this DbDataReader row, int column) => raw.sqlite3_column_int64(Statement(row), column);

    public static DateTimeOffset ReadTime(this DbDataReader row, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.ReadNumber(column));

    private static sqlite3_stmt Statement(DbDataReader row) => ((SqliteDataReader)row).Handle!;
}
