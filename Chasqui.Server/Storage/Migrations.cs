using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using Chasqui.Server.Configuration;
using Dapper;

namespace Chasqui.Server.Storage;

/// <summary>Applies the DDL that is embedded into the server, in the order of its numbers, each script once.</summary>
/// <param name="folder">Where they are, with a slash at its end.</param>
/// <param name="createTable">Makes the table that says which ones were applied, where it is not there.</param>
internal sealed class Migrations(string folder, string createTable)
{
    /// <summary>Stands among the scripts while a database is being filled.</summary>
    private const string Unfinished = "storage copy";

    /// <summary>
    /// Scripts never change once shipped. One that was changed before is told by its checksum, and goes with what brings a database
    /// that it has made to where the script that there is now would have brought it.
    /// </summary>
    public IReadOnlyDictionary<string, string> Amendments { get; init; } = new Dictionary<string, string>();

    /// <param name="connection">The database.</param>
    /// <param name="unfinished">Whether it is going to be filled: no server starts with it until <see cref="Finish"/>.</param>
    /// <exception cref="StartupException">The database was made by scripts that this server does not have.</exception>
    public void Apply(DbConnection connection, bool unfinished = false)
    {
        // One transaction for all: an upgrade that fails leaves the database to the version that made it.
        using var transaction = connection.BeginTransaction();
        connection.Execute(createTable, transaction: transaction);
        foreach (var script in Missing(connection, unfinished, transaction))
        {
            Run(connection, script.Sql, transaction);
            Record(connection, script);
        }

        if (unfinished)
        {
            connection.Execute(
                "INSERT INTO schema_migrations (script, checksum, applied_at) VALUES (@Unfinished, '', 0) ON CONFLICT DO NOTHING",
                new { Unfinished }, transaction);
        }

        transaction.Commit();
    }

    /// <summary>The database is filled.</summary>
    public static void Finish(DbConnection connection) =>
        connection.Execute("DELETE FROM schema_migrations WHERE script = @Unfinished", new { Unfinished });

    /// <summary>Whether a database that a server has made is one of an earlier version.</summary>
    /// <exception cref="StartupException">The database was made by scripts that this server does not have.</exception>
    public bool AreMissing(DbConnection connection) => Missing(connection, unfinished: false, transaction: null).Length > 0;

    /// <summary>Whether a server of this version can start with a database that a server has made.</summary>
    /// <exception cref="StartupException">It cannot.</exception>
    public void RequireServable(DbConnection connection) => Missing(connection, unfinished: false, transaction: null);

    /// <summary>Whether a database was made by these very scripts.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="unfinished">Whether it may be one that is being filled.</param>
    /// <exception cref="StartupException">It is being filled, and must not be.</exception>
    public bool AreApplied(DbConnection connection, bool unfinished = false)
    {
        var applied = connection.Query<Applied>("SELECT script, checksum FROM schema_migrations ORDER BY script").ToList();
        RequireFinished(applied.RemoveAll(row => row.Script == Unfinished) > 0 && !unfinished);
        return applied.SequenceEqual(Embedded().Select(script => new Applied { Script = script.Name, Checksum = script.Checksum }));
    }

    /// <summary>The scripts that a database has not seen yet.</summary>
    private Script[] Missing(DbConnection connection, bool unfinished, DbTransaction? transaction)
    {
        var applied = connection
            .Query<Applied>("SELECT script, checksum FROM schema_migrations", transaction: transaction)
            .ToDictionary(row => row.Script, row => row.Checksum);
        var scripts = Embedded();
        RequireFinished(applied.Remove(Unfinished) && !unfinished);

        if (applied.Keys.Except(scripts.Select(script => script.Name)).FirstOrDefault() is { } unknown)
        {
            throw new StartupException(
                $"The database was changed by '{unknown}', which this version does not know: it belongs to a newer "
                + "version. Start that version, or restore a backup that this one made.");
        }

        return [.. scripts
            .Select(script => !applied.TryGetValue(script.Name, out var checksum) ? script
                : checksum != script.Checksum ? Amendment(script, checksum)
                : null)
            .OfType<Script>()];
    }

    private static void RequireFinished(bool isUnfinished)
    {
        if (isUnfinished)
        {
            throw new StartupException(
                "The database is being filled by 'storage copy', which has not come to its end: run the same command again.");
        }
    }

    /// <summary>What makes of a database that an earlier form of a script has made one that the script has made.</summary>
    /// <exception cref="StartupException">There is nothing that does.</exception>
    private Script Amendment(Script script, string checksum) => Amendments.TryGetValue(checksum, out var amendment)
        ? script with { Sql = Read(amendment) }
        : throw new StartupException(
            $"The script '{script.Name}' differs from the one that made this database. Scripts never change once "
            + "shipped: start the version that made the database, or restore the original script.");

    /// <summary>
    /// To the last statement: Microsoft.Data.Sqlite keeps to itself what fails behind one that could return rows, as an ALTER TABLE
    /// could.
    /// </summary>
    private static void Run(DbConnection connection, string sql, DbTransaction transaction)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        using var reader = command.ExecuteReader();
        while (reader.NextResult())
        {
        }
    }

    /// <summary>Not through Dapper: it would compile a method for these parameters, at the first start of all.</summary>
    private static void Record(DbConnection connection, Script script)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO schema_migrations (script, checksum, applied_at) VALUES (@script, @checksum, @now)
            ON CONFLICT (script) DO UPDATE SET checksum = excluded.checksum, applied_at = excluded.applied_at
            """;
        foreach (var (name, value) in new Dictionary<string, object>
        {
            ["@script"] = script.Name,
            ["@checksum"] = script.Checksum,
            ["@now"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
        })
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        command.ExecuteNonQuery();
    }

    private Script[] Embedded() =>
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal) && !name.AsSpan(folder.Length).Contains('/'))
            .Order(StringComparer.Ordinal)
            .Select(name => (Name: name[folder.Length..], Sql: Read(name)))
            .Select(script => new Script(script.Name, script.Sql, Checksum(script.Sql))),
    ];

    private static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static string Checksum(string sql) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(sql.ReplaceLineEndings("\n"))));

    private sealed record Applied
    {
        public required string Script { get; init; }

        public required string Checksum { get; init; }
    }

    private sealed record Script(string Name, string Sql, string Checksum);
}
