using System.Text;
using Chasqui.Server.Configuration;
using Chasqui.Server.Storage.Postgres;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Chasqui.Server.Storage.Copying;

/// <summary>
/// The PostgreSQL database that is filled. Until that is done no server starts with it: those that do meanwhile wait, and later
/// ones read that it is unfinished.
/// </summary>
internal sealed class CopyTarget : IDisposable
{
    private readonly PostgresDatabase _database;
    private readonly NpgsqlConnection _connection;

    /// <exception cref="StartupException">It cannot be reached, or is of no use.</exception>
    /// <exception cref="CopyException">It is used by somebody else, or for something else.</exception>
    public CopyTarget(PostgresDatabase database)
    {
        _database = database;
        _connection = database.TryLock() ?? throw new CopyException(
            $"{database.Location} is in use: a server is just starting with it, or another copy is under way.");
        try
        {
            RequireNoServers();
            RequireNothingElse();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether there are tables of ours; where there are none, there are none at all.</summary>
    public bool HasTables { get; private set; }

    /// <summary>Makes the tables where there are none, and says in them that they are being filled.</summary>
    public void Begin()
    {
        PostgresDatabase.Migrations.Apply(_connection, unfinished: true);
        HasTables = true;
    }

    /// <summary>Lets servers start with it.</summary>
    public void Finish()
    {
        // By itself PostgreSQL does so within minutes; until then it would not know which index is of use.
        _connection.Execute($"ANALYZE {string.Join(", ", CopiedTables.All.Select(table => table.Name))}", commandTimeout: 0);
        Migrations.Finish(_connection);
    }

    /// <summary>The rows in the order of their keys.</summary>
    public IEnumerable<CopiedRow> Rows(CopiedTable table)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"SELECT {table.ColumnNames} FROM {table.Name} ORDER BY {table.KeyNames}";
        command.CommandTimeout = 0;
        using var reader = command.ExecuteReader();
        var ended = false;
        try
        {
            while (reader.Read())
            {
                yield return Read(reader, table);
            }

            ended = true;
        }
        finally
        {
            if (!ended)
            {
                // By itself the reader would go through all that is left.
                command.Cancel();
            }
        }
    }

    /// <summary>Adds rows, all of them or none.</summary>
    public async Task AddAsync(CopiedTable table, IReadOnlyCollection<CopiedRow> rows, CancellationToken cancellationToken)
    {
        await using var import = await _connection.BeginBinaryImportAsync(
            $"COPY {table.Name} ({table.ColumnNames}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        import.Timeout = TimeSpan.FromMinutes(10);
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellationToken);
            for (var i = 0; i < table.Columns.Length; i++)
            {
                await WriteAsync(import, table.Columns[i].Kind, row.Values[i], cancellationToken);
            }
        }

        await import.CompleteAsync(cancellationToken);
    }

    /// <summary>Gives the next new row of a table the number behind this one.</summary>
    public void GoOnBehind(CopiedTable table, long number) => _connection.Execute(
        "SELECT setval(pg_get_serial_sequence(@Name, @KeyNames), @number)", new { table.Name, table.KeyNames, number });

    public void Dispose() => _connection.Dispose();

    private static Task WriteAsync(NpgsqlBinaryImporter import, ColumnKind kind, object? value, CancellationToken cancellationToken) => (kind, value) switch
    {
        (_, null) => import.WriteNullAsync(cancellationToken),
        (ColumnKind.Number, long number) => import.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken),
        (ColumnKind.Flag, long number) => import.WriteAsync(number != 0, NpgsqlDbType.Boolean, cancellationToken),
        (ColumnKind.Text, byte[] text) => import.WriteAsync(Encoding.UTF8.GetString(text), NpgsqlDbType.Text, cancellationToken),
        _ => import.WriteAsync((byte[])value, NpgsqlDbType.Bytea, cancellationToken),
    };

    private static CopiedRow Read(NpgsqlDataReader reader, CopiedTable table)
    {
        var values = new object?[table.Columns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reader.IsDBNull(i) ? null : table.Columns[i].Kind switch
            {
                ColumnKind.Number => reader.GetInt64(i),
                ColumnKind.Flag => reader.GetBoolean(i) ? 1L : 0L,
                ColumnKind.Text => Encoding.UTF8.GetBytes(reader.GetString(i)),
                _ => reader.GetFieldValue<byte[]>(i),
            };
        }

        return new CopiedRow(values);
    }

    private void RequireNoServers()
    {
        var servers = _connection.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = @ApplicationName AND pid <> pg_backend_pid()",
            new { PostgresDatabase.ApplicationName });
        if (servers > 0)
        {
            throw new CopyException($"Servers run on {_database.Location}. Name an empty database.");
        }
    }

    private void RequireNothingElse()
    {
        var tables = _connection.Query<string>("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").ToHashSet();
        if (tables.Except(CopiedTables.All.Select(table => table.Name)).Except(CopiedTables.LeftOut).FirstOrDefault() is { } foreign)
        {
            throw new CopyException($"There is a table '{foreign}' in {_database.Location}, which is not Chasqui's. Name an empty database.");
        }

        HasTables = tables.Count > 0;
        if (HasTables && !(tables.Contains("schema_migrations") && PostgresDatabase.Migrations.AreApplied(_connection, unfinished: true)))
        {
            throw new CopyException($"The tables in {_database.Location} are not those of this version. Name an empty database.");
        }

        if (HasTables && _connection.ExecuteScalar<long>("SELECT COUNT(*) FROM membership_changes") > 0)
        {
            throw new CopyException($"Servers have run on {_database.Location}. Name an empty database.");
        }
    }
}
