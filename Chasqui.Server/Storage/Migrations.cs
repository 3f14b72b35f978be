using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage;

/// <summary>A script of <c>sql/</c>. It never changes once released: a database records the checksum.</summary>
internal sealed record Script(string Name, string Sql)
{
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The scripts in a folder of the embedded resources, in the order of their numbers.</summary>
    public static IEnumerable<Script> Embedded(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var names = assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal));
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return new Script(name[folder.Length..], reader.ReadToEnd());
        }
    }
}

/// <summary>Applies each script once, in order. The table of the applied scripts is created first.</summary>
internal sealed class Migrations(IEnumerable<Script> scripts, string createTable)
{
    /// <summary>Marks a database that <c>storage copy</c> has not finished.</summary>
    private const string Unfinished = "storage copy";

    private readonly Script[] _scripts = [.. scripts];

    /// <summary>These scripts and one more. For tests of an upgrade.</summary>
    public Migrations With(Script next) => new([.. _scripts, next], createTable);

    /// <summary>
    /// Applies what is missing in one transaction: a failed upgrade changes nothing. No server starts on an unfinished database
    /// before <see cref="Finish"/>.
    /// </summary>
    public void Apply(DbConnection connection, bool unfinished = false)
    {
        using var transaction = connection.BeginTransaction();
        connection.Execute(createTable, transaction: transaction);
        foreach (var script in Missing(connection, unfinished, transaction))
        {
            Run(connection, script, transaction);
        }

        if (unfinished)
        {
            connection.Execute(
                "INSERT INTO schema_migrations (script, checksum, applied_at) VALUES (@Unfinished, '', 0) ON CONFLICT DO NOTHING",
                new { Unfinished }, transaction);
        }

        transaction.Commit();
    }

    public static void Finish(DbConnection connection) =>
        connection.Execute("DELETE FROM schema_migrations WHERE script = @Unfinished", new { Unfinished });

    /// <returns><see langword="false"/> for a database of an older version.</returns>
    /// <exception cref="StartupException">The database is of a newer version, of other scripts, or unfinished.</exception>
    public bool AreApplied(DbConnection connection, bool unfinished = false) => !Missing(connection, unfinished).Any();

    private IEnumerable<Script> Missing(DbConnection connection, bool unfinished, DbTransaction? transaction = null)
    {
        var applied = connection
            .Query<(string Script, string Checksum)>("SELECT script, checksum FROM schema_migrations", transaction: transaction)
            .ToDictionary(row => row.Script, row => row.Checksum);
        if (applied.Remove(Unfinished) && !unfinished)
        {
            throw new StartupException("'storage copy' has not finished this database. Run the same command again.");
        }

        if (applied.Keys.Except(_scripts.Select(script => script.Name)).FirstOrDefault() is { } unknown)
        {
            throw new StartupException($"The database is of a newer version: this version does not have its script '{unknown}'. "
                + "Start the newer version, or restore a backup of this version.");
        }

        if (_scripts.FirstOrDefault(script => applied.GetValueOrDefault(script.Name, script.Checksum) != script.Checksum) is { } changed)
        {
            throw new StartupException($"The script '{changed.Name}' differs from the one that created this database. "
                + "Start the version that created the database, or restore the original script.");
        }

        return _scripts.Where(script => !applied.ContainsKey(script.Name));
    }

    private static void Run(DbConnection connection, Script script, DbTransaction transaction)
    {
        // Not through Dapper: it would compile a method for each statement, which delays the first start.
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (script.Sql, transaction);
        using (var reader = command.ExecuteReader())
        {
            // Microsoft.Data.Sqlite reports an error after a statement that could return rows only when it is read to the end.
            while (reader.NextResult())
            {
            }
        }

        command.CommandText = "INSERT INTO schema_migrations (script, checksum, applied_at) VALUES (@script, @checksum, @now)";
        foreach (var (name, value) in new (string, object)[]
        {
            ("@script", script.Name), ("@checksum", script.Checksum), ("@now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
        })
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        command.ExecuteNonQuery();
    }
}
