using Chasqui.Server.Configuration;
using Chasqui.Server.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Chasqui.Server.Storage.Copying;

/// <summary>
/// The PostgreSQL database. Servers that start during the copy wait; later ones refuse the database until the copy is finished.
/// </summary>
internal sealed class CopyTarget : IDisposable
{
    /// <summary>The copied tables. A table follows those that it references.</summary>
    public static readonly string[] Names =
    [
        "users", "user_search", "signing_keys", "sessions", "tokens", "ended_tokens", "tickets", "invitations", "tasks", "conversations",
        "participants", "departures", "blocks", "messages", "events", "unread_mentions", "reactions", "epoch",
    ];

    /// <summary>Tables that only concern running servers.</summary>
    public static readonly string[] NotCopied = ["membership_changes", "health", "schema_migrations"];

    private readonly PostgresDatabase _database;

    public CopyTarget(PostgresDatabase database)
    {
        _database = database;
        Connection = database.TryLock() ?? throw new CommandException(
            $"{database.Location} is in use: a server starts with it, or another copy runs. Try again later.");
        try
        {
            RequireUsable();
        }
        catch
        {
            Connection.Dispose();
            throw;
        }
    }

    public NpgsqlConnection Connection { get; }

    /// <summary>Whether the database has the tables. Without them it is empty.</summary>
    public bool HasTables { get; private set; }

    /// <summary>Creates the tables if they do not exist, and marks the database as unfinished.</summary>
    public void Begin() => _database.Migrations.Apply(Connection, unfinished: true);

    /// <summary>Removes the mark: servers can start.</summary>
    public void Finish()
    {
        // Autovacuum would do it within minutes. Until then the planner has no statistics.
        Connection.Execute($"ANALYZE {string.Join(", ", Names)}", commandTimeout: 0);
        Migrations.Finish(Connection);
    }

    public CopiedTable[] Tables() => [.. Names.Select(name =>
    {
        var columns = Connection.Query<(string Name, string Type, bool IsKey, bool IsNumbered)>(
            """
            SELECT c.column_name, c.data_type, k.column_name IS NOT NULL, c.is_identity = 'YES'
            FROM information_schema.columns c
            LEFT JOIN information_schema.table_constraints p ON p.constraint_type = 'PRIMARY KEY'
                AND p.table_schema = c.table_schema AND p.table_name = c.table_name
            LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema
                AND k.constraint_name = p.constraint_name AND k.column_name = c.column_name
            WHERE c.table_schema = current_schema() AND c.table_name = @name
            ORDER BY k.ordinal_position NULLS LAST, c.ordinal_position
            """,
            new { name }).AsList();
        return new CopiedTable(
            name, [.. columns.Select(c => new CopiedColumn(c.Name, c.Type))],
            Key: columns.Count(c => c.IsKey), IsNumbered: columns.Exists(c => c.IsNumbered));
    })];

    /// <summary>Adds all rows or none.</summary>
    public async Task AddAsync(CopiedTable table, List<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var import = await Connection.BeginBinaryImportAsync(
            $"COPY {table.Name} ({table.ColumnNames}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        import.Timeout = TimeSpan.FromMinutes(10);
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellationToken);
            for (var i = 0; i < row.Length; i++)
            {
                await (row[i] switch
                {
                    null => import.WriteNullAsync(cancellationToken),
                    long number => import.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken),
                    bool flag => import.WriteAsync(flag, NpgsqlDbType.Boolean, cancellationToken),
                    var bytes => import.WriteAsync(
                        (byte[])bytes, table.Columns[i].Type == "text" ? NpgsqlDbType.Text : NpgsqlDbType.Bytea, cancellationToken),
                });
            }
        }

        await import.CompleteAsync(cancellationToken);
    }

    /// <summary>The next assigned key is greater than this number.</summary>
    public void ContinueAfter(CopiedTable table, long number) => Connection.Execute(
        "SELECT setval(pg_get_serial_sequence(@Name, @KeyNames), @number)", new { table.Name, table.KeyNames, number });

    public void Dispose() => Connection.Dispose();

    private void RequireUsable()
    {
        if (Connection.ExecuteScalar<long>(
            """
            SELECT COUNT(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = @ApplicationName AND pid <> pg_backend_pid()
            """,
            new { PostgresDatabase.ApplicationName }) > 0)
        {
            throw Refused("servers run on it");
        }

        var tables = Connection.Query<string>("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").ToHashSet();
        if (tables.Except(Names).Except(NotCopied).FirstOrDefault() is { } foreign)
        {
            throw Refused($"it has a table '{foreign}' that is not Chasqui's");
        }

        HasTables = tables.Count > 0;
        if (HasTables && !(tables.Contains("schema_migrations") && _database.Migrations.AreApplied(Connection, unfinished: true)))
        {
            throw Refused("its tables are of another version");
        }

        if (HasTables && Connection.ExecuteScalar<long>("SELECT COUNT(*) FROM membership_changes") > 0)
        {
            throw Refused("servers have run on it");
        }
    }

    private CommandException Refused(string reason) => new($"{_database.Location} is not empty: {reason}. Name an empty one.");
}
