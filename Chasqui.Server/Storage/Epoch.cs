using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Chasqui.Server.Storage;

/// <summary>
/// Names the course that a database has taken: within one epoch a <c>seq</c> stands for one message. A restored database begins
/// another one.
/// </summary>
internal static class Epoch
{
    private const int Bytes = 8;

    /// <summary>The epoch of a database, which gets one where it has none.</summary>
    public static string Of(DbConnection connection)
    {
        const string Select = "SELECT value FROM epoch";
        if (connection.ExecuteScalar<string>(Select) is { } begun)
        {
            return begun;
        }

        using var command = connection.CreateCommand();
        // Another server may be starting with the same database.
        command.CommandText = $"INSERT INTO epoch (id, value) VALUES (1, '{RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true)}') ON CONFLICT DO NOTHING";
        command.ExecuteNonQuery();
        return connection.ExecuteScalar<string>(Select)!;
    }

    /// <summary>The next server that starts with a database begins another one. Of an earlier version there was none.</summary>
    public static void End(SqliteConnection connection)
    {
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_schema WHERE name = 'epoch'") > 0)
        {
            connection.Execute("DELETE FROM epoch");
        }
    }
}
