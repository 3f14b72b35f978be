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
    /// <exception cref="StartupException">The database was made by scripts that this server does not have.</exception>
    public void Apply(DbConnection connection)
    {
        // One transaction for all: an upgrade that fails leaves the database to the version that made it.
        using var transaction = connection.BeginTransaction();
        connection.Execute(createTable, transaction: transaction);
        foreach (var script in Missing(connection, transaction))
        {
            connection.Execute(script.Sql, transaction: transaction);
            Record(connection, script);
        }

        transaction.Commit();
    }

    /// <summary>Whether a database was made by an earlier version. It has to be one of a server.</summary>
    /// <exception cref="StartupException">It was made by scripts that this server does not have.</exception>
    public bool AreMissing(DbConnection connection) => Missing(connection).Length > 0;

    /// <summary>Whether a database was made by these very scripts.</summary>
    public bool AreApplied(DbConnection connection) => connection
        .Query<Applied>("SELECT script, checksum FROM schema_migrations ORDER BY script")
        .SequenceEqual(Embedded().Select(script => new Applied { Script = script.Name, Checksum = script.Checksum }));

    /// <summary>The scripts that a database has not seen yet.</summary>
    /// <exception cref="StartupException">It was made by scripts that this server does not have.</exception>
    private Script[] Missing(DbConnection connection, DbTransaction? transaction = null)
    {
        var applied = connection
            .Query<Applied>("SELECT script, checksum FROM schema_migrations", transaction: transaction)
            .ToDictionary(row => row.Script, row => row.Checksum);
        var scripts = Embedded();

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

        return [.. scripts.Where(s => !applied.ContainsKey(s.Name))];
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
