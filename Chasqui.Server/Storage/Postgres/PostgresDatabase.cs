using Chasqui.Server.Configuration;
using Npgsql;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>A PostgreSQL database, which several servers can share.</summary>
internal sealed class PostgresDatabase : IDatabase
{
    /// <summary>The name of the servers' connections, unless the connection string has another.</summary>
    public const string ApplicationName = "Chasqui";

    /// <summary>
    /// The connection string of the operator overrides these. Short timeouts detect a database that does not answer; three
    /// servers fit into PostgreSQL's default of 100 connections; repeated statements are prepared.
    /// </summary>
    private const string Defaults =
        $"Application Name={ApplicationName};Timeout=3;Command Timeout=10;Maximum Pool Size=25;Max Auto Prepare=64;Keepalive=10;";

    /// <summary>"chasqui" in ASCII: a number that no other program locks in the same database.</summary>
    private const long MigrationLock = 0x63686173717569;

    /// <summary>Another server may create an index on a large table.</summary>
    private const int MigrationTimeoutSeconds = 3_600;

    private const int OldestVersion = 13;
    private const string UndefinedTable = "42P01";

    public static readonly Migrations Schema = new(
        Script.Embedded("sql/postgres/"),
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

    public bool IsShared => true;

    public string? DatabaseFile => null;

    public string Epoch { get; private set; } = "";

    /// <summary>Npgsql's pool keeps connections with their statements, and drops broken ones.</summary>
    public int KeptReadSessions => 0;

    /// <summary>A test upgrades to a made-up next version.</summary>
    public Migrations Migrations { get; init; } = Schema;

    public DbDataSource CreateReaders() => NpgsqlDataSource.Create(_settings.ConnectionString);

    public MessageTable CreateMessageTable() => new PostgresMessages();

    public void Open(bool attachToRunningServer)
    {
        try
        {
            using var connection = Connect();
            RequireUsable(connection);
            // Released with the connection. Servers that start at the same time wait for the first one.
            connection.Execute("SELECT pg_advisory_lock(@MigrationLock)", new { MigrationLock }, commandTimeout: MigrationTimeoutSeconds);
            if (!attachToRunningServer)
            {
                Migrations.Apply(connection);
            }
            else if (!Migrations.AreApplied(connection))
            {
                throw new StartupException("The database is of an older version than this command. Use the command of that version.");
            }

            Epoch = Storage.Epoch.Of(connection);
        }
        catch (PostgresException e) when (e.SqlState == UndefinedTable)
        {
            throw new StartupException($"There are no tables of Chasqui in {Location}. Start a server with it first.");
        }
        catch (NpgsqlException e)
        {
            throw Unusable(e);
        }
    }

    /// <summary>A connection that keeps servers from starting with the database while it is open.</summary>
    /// <returns><see langword="null"/> when a server is starting, or another process has such a connection.</returns>
    public NpgsqlConnection? TryLock()
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = Connect(purpose: " storage copy");
            RequireUsable(connection);
            // Waits: PostgreSQL may not have noticed yet that the process with the lock was killed.
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
        // Acknowledged means on disk, so synchronous_commit is on for this connection. A server that hangs inside a transaction
        // must not block the others at its locked conversations: timeouts end it. One that was cut off while it sent a batch is
        // active for PostgreSQL, and no timeout ends it: a server that waited for its locks in vain reconnects and terminates it.
        var timeout = 2 * _lockTimeoutSeconds;
        return new PostgresWriteSession(
            Connect(settings: $"""
                SET lock_timeout = '{_lockTimeoutSeconds}s';
                SET idle_in_transaction_session_timeout = '{timeout}s';
                SET tcp_keepalives_idle = {_lockTimeoutSeconds};
                SET tcp_keepalives_interval = 1;
                SET tcp_keepalives_count = {_lockTimeoutSeconds};
                SET tcp_user_timeout = '{timeout}s';
                SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = current_user AND application_name = current_setting('application_name')
                    AND state = 'active' AND wait_event = 'ClientRead' AND state_change < now() - interval '{timeout}s';
                """),
            _server);
    }

    public void Close()
    {
        // Locks end with their connection.
    }

    private StartupException Unusable(NpgsqlException e) => new($"{Location} cannot be used: {e.Message}", mayPass: e.IsTransient);

    private static void RequireUsable(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < OldestVersion)
        {
            throw new StartupException($"PostgreSQL {connection.PostgreSqlVersion} is too old. Use version {OldestVersion} or newer.");
        }

        if (connection.ExecuteScalar<string>("SHOW server_encoding") is var encoding and not "UTF8")
        {
            throw new StartupException($"The encoding of the PostgreSQL database is {encoding}. Create it with the encoding UTF8.");
        }
    }

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
