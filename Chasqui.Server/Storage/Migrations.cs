using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using Chasqui.Server.Hosting;
using Dapper;

namespace Chasqui.Server.Storage;

/// <summary>Applies the DDL that is embedded into the server, in the order of its numbers, each script once.</summary>
/// <param name="folder">Where they are, with a slash at its end.</param>
/// <param name="createTable">Makes the table that says which ones were applied, where it is not there.</param>
internal sealed class Migrations(string folder, string createTable)
{
    /// <summary>Stands among the scripts while a database is being filled.</summary>
    private const string Unfinished = "storage copy";

    /// <param name="connection">The database.</param>
    /// <param name="unfinished">Whether it is going to be filled: no server starts with it until <see cref="Finish"/>.</param>
    /// <exception cref="StartupException">The database was made by scripts that this server does not have.</exception>
    public void Apply(DbConnection connection, bool unfinished = false)
    {
        // One transaction for all: an upgrade that fails leaves the database to the version that made it.
        using var transaction = connection.BeginTransaction();
        connection.Execute(createTable, transaction: transaction);
        var applied = connection
            .Query<Applied>("SELECT script, checksum FROM schema_migrations", transaction: transaction)
            .ToDictionary(row => row.Script, row => row.Checksum);
        var scripts = Embedded();
        RequireFinished(applied.Remove(Unfinished) && !unfinished);

        foreach (var (script, checksum) in applied)
        {
            var ours = scripts.FirstOrDefault(s => s.Name == script)
                ?? throw new StartupException(
                    $"The database was changed by '{script}', which this version does not know: it belongs to a newer "
                    + "version. Start that version, or restore a backup that this one made.");
            if (ours.Checksum != checksum)
            {
                throw new StartupException(
                    $"The script '{script}' differs from the one that made this database. Scripts never change once "
                    + "shipped: start the version that made the database, or restore the original script.");
            }
        }

        foreach (var script in scripts.Where(s => !applied.ContainsKey(s.Name)))
        {
            connection.Execute(script.Sql, transaction: transaction);
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

    private static void RequireFinished(bool isUnfinished)
    {
        if (isUnfinished)
        {
            throw new StartupException(
                "The database is being filled by 'storage copy', which has not come to its end: run the same command again.");
        }
    }

    /// <summary>Not through Dapper: it would compile a method for these parameters, at the first start of all.</summary>
    private static void Record(DbConnection connection, Script script)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO schema_migrations (script, checksum, applied_at) VALUES (@script, @checksum, @now)";
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

    private Script[] Embedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return new Script(name[folder.Length..], reader.ReadToEnd());
            })];
    }

    private sealed record Applied
    {
        public required string Script { get; init; }

        public required string Checksum { get; init; }
    }

    private sealed record Script(string Name, string Sql)
    {
        public string Checksum { get; } =
            Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
    }
}
