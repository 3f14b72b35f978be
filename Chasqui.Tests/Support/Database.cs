using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Chasqui.Tests.Support;

/// <summary>A server's database, looked at and meddled with from outside.</summary>
public static class Database
{
    public const string FileName = "chasqui.db";

    public static SqliteConnection Open(string dataFolder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(dataFolder, FileName)};Pooling=False");
        connection.Open();
        return connection;
    }

    public static NpgsqlConnection OpenPostgres(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static async Task UntilAsync(this NpgsqlConnection connection, string question)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(question, cancellationToken: deadline.Token)))
        {
        }
    }

    /// <summary>The keys that sign the tokens, the newest first.</summary>
    public static IReadOnlyList<byte[]> SigningKeys(TestServer server)
    {
        using var connection = server.OpenDatabase();
        return [.. connection.Query<byte[]>("SELECT key FROM signing_keys ORDER BY position DESC")];
    }
}
