using System.Data.Common;
using Chasqui.Server.Configuration;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>A PostgreSQL database, which many servers can share.</summary>
internal sealed class PostgresDatabase : IDatabase
{
    /// <summary>How servers call themselves to the database, unless the operator has it otherwise.</summary>
    public const string ApplicationName = "Chasqui";

    /// <summary>
    /// Whatever the operator's connection string says wins. A database that does not answer is found out about soon, few enough
    /// connections for three servers beside the hundred that PostgreSQL allows by itself, and statements that come again and
    /// again are prepared.
    /// </summary>
    private const string Defaults =
        $"Application Name={ApplicationName};Timeout=3;Command Timeout=10;Maximum Pool Size=25;Max Auto Prepare=64;Keepalive=10;";

    /// <summary>Any number that no other program takes for its own lock on the same database: "chasqui" in ASCII.</summary>
    private const long MigrationLock = 0x63686173717569;

    /// <summary>In seconds: another server may be making an index on a long table.</summary>
    private const int MigrationTimeout = 3_600;

    private const int OldestVersion = 13;
    private const string UndefinedTable = "42P01";

    public static readonly Migrations Migrations = new(
        "sql/postgres/",
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            script     text   COLLATE "C" NOT NULL PRIMARY KEY,
            checksum   text   NOT NULL,
            applied_at bigint NOT NULL
        )
        """);

    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly ServerInstance _server;
    private readonly int _lockTimeoutSeconds;

    /// <exception cref="StartupException">The connection string is none.</exception>
    public PostgresDatabase(IOptions<StorageOptions> options, ServerInstance server)
    {
        _server = server;
        _lockTimeoutSeconds = options.Value.LockTimeoutSeconds;
        try
        {
            _settings = new NpgsqlConnectionStringBuilder(Defaults + options.Value.ConnectionString);
        }
        catch (ArgumentException e)
        {
            throw new StartupException($"Storage:ConnectionString cannot be read: {e.Message}");
        }
    }

    public string Location => $"PostgreSQL ({_settings.Host}, database '{_settings.Database ?? _settings.Username}')";

    public string Epoch { get; private set; } = "";

    /// <summary>The pool keeps connections with their statements, and knows which of them have broken.</summary>
    public int KeptReadSessions => 0;

    public DbDataSource CreateReaders() => NpgsqlDataSource.Create(_settings.ConnectionString);

    public void Open(bool attachToRunningServer)
    {
        try
        {
            using var connection = Connect();
            RequireUsable(connection);
            // Given back with the connection. Servers that start together wait for the first one.
            connection.Execute("SELECT pg_advisory_lock(@MigrationLock)", new { MigrationLock }, commandTimeout: MigrationTimeout);
            if (!attachToRunningServer)
            {
                Migrations.Apply(connection);
            }
            else if (!Migrations.AreApplied(connection))
            {
                throw new StartupException("The database is of another version than this command: use the one that serves it.");
            }

            Epoch = Storage.Epoch.Of(connection);
        }
        catch (PostgresException e) when (e.SqlState == UndefinedTable)
        {
            throw new StartupException($"There are no tables of Chasqui in {Location}: start a server with it first.");
        }
        catch (NpgsqlException e)
        {
            throw Unusable(e);
        }
    }

    /// <summary>A connection that keeps servers from starting with the database for as long as it is open.</summary>
    /// <returns><see langword="null"/> when one is just starting, or somebody else has such a connection.</returns>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public NpgsqlConnection? TryLock()
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = Connect(purpose: " storage copy");
            RequireUsable(connection);
            // Not at once: whoever was killed may still be counted in.
            connection.Execute("SET lock_timeout = '5s'; SELECT pg_advisory_lock(@MigrationLock); RESET lock_timeout", new { MigrationLock });
            return connection;
        }
        catch (Exception e)
        {
            connection?.Dispose();
            switch (e)
            {
                case PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable }:
                    return null;
                case NpgsqlException unusable:
                    throw Unusable(unusable);
                default:
                    throw;
            }
        }
    }

    public WriteSession OpenWriter(bool attachToRunningServer)
    {
        // Acknowledged means on disk, whatever the database does for others; and a server that stands still in the middle of a
        // write must not stop all others at the conversations that it has locked. One that was cut off in the middle of a batch
        // is at work, as PostgreSQL sees it, and no timeout ends it: whoever waits for it in vain comes here, and does.
        var patience = 2 * _lockTimeoutSeconds;
        return new PostgresWriteSession(
            Connect(settings: $"""
                SET lock_timeout = '{_lockTimeoutSeconds}s';
                SET idle_in_transaction_session_timeout = '{patience}s';
                SET tcp_keepalives_idle = {_lockTimeoutSeconds};
                SET tcp_keepalives_interval = 1;
                SET tcp_keepalives_count = {_lockTimeoutSeconds};
                SET tcp_user_timeout = '{patience}s';
                SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = current_user AND application_name = current_setting('application_name')
                    AND state = 'active' AND wait_event = 'ClientRead' AND state_change < now() - interval '{patience}s';
                """),
            _server);
    }

    public void Close()
    {
        // Nothing is locked beyond a connection.
    }

    private StartupException Unusable(NpgsqlException e) => new($"{Location} cannot be used: {e.Message}", mayPass: e.IsTransient);

    private static void RequireUsable(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < OldestVersion)
        {
            throw new StartupException($"PostgreSQL {connection.PostgreSqlVersion} is too old: it must be {OldestVersion} or newer.");
        }

        if (connection.ExecuteScalar<string>("SHOW server_encoding") is var encoding and not "UTF8")
        {
            throw new StartupException($"The encoding of the PostgreSQL database is {encoding}; make one with UTF8.");
        }
    }

    /// <param name="purpose">Stands in its name.</param>
    /// <param name="settings">What is carried out before anything else.</param>
    private NpgsqlConnection Connect(string purpose = "", string? settings = null)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_settings.ConnectionString)
        {
            Pooling = false,
            ApplicationName = _settings.ApplicationName + purpose,
        }.ConnectionString);
        try
        {
            connection.Open();
            if (settings is not null)
            {
                connection.Execute(settings);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
