using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Npgsql;

namespace Chasqui.Tests.Support;

/// <summary>
/// A throw-away PostgreSQL, made by the programs of Debian's package. All tests share one; those that restart it own one.
/// </summary>
public sealed class Postgres : IAsyncDisposable
{
    /// <summary>The one user who has to give a password.</summary>
    public const string Guarded = "guarded";

    private const string User = "chasqui";
    private const string Versions = "/usr/lib/postgresql";

    /// <summary>Whom Debian's package makes: the programs refuse to run as root.</summary>
    private const string SystemUser = "postgres";

    private static readonly string? Binaries = FindBinaries();
    private const string ImmediateShutdown = "QUIT";

    private static readonly Lock Gate = new();

    private static Task<Postgres>? _shared;

    private readonly string _folder;
    private GuardedProcess? _process;

    private Postgres(string folder) => _folder = folder;

    /// <summary>Why there is none, or <see langword="null"/> where there is.</summary>
    public static string? Problem { get; } =
        Binaries is null ? "Needs PostgreSQL (Debian's package postgresql)"
        : Environment.IsPrivilegedProcess && !HasSystemUser() ? $"Needs a user '{SystemUser}': PostgreSQL does not run as root"
        : null;

    /// <summary>Of <see cref="Guarded"/>.</summary>
    public static string Password { get; } = RandomNumberGenerator.GetHexString(32);

    private string Data => Path.Combine(_folder, "data");

    /// <summary>The one that the tests share. No test stops it.</summary>
    public static Task<Postgres> SharedAsync()
    {
        lock (Gate)
        {
            return _shared ??= StartAsync();
        }
    }

    /// <summary>Creates one that a test can stop; skips the test where there is none.</summary>
    public static async Task<Postgres> StartAsync()
    {
        var made = await PrepareAsync();
        // A collation that is not the order of bytes, as most have it: what must be ordered by bytes has to say so.
        await RunAsync([
            .. Command("initdb"), "--pgdata", made.Data, "--username", User, "--auth", "trust", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en", "--no-instructions",
        ]);
        await File.WriteAllTextAsync(Path.Combine(made.Data, "pg_hba.conf"), $"""
            host all {Guarded} 127.0.0.1/32 scram-sha-256
            host all all 127.0.0.1/32 trust
            host replication all 127.0.0.1/32 trust

            """);
        await made.RunAsync();
        await made.ExecuteAsync($"CREATE ROLE {Guarded} SUPERUSER LOGIN PASSWORD '{Password}'");
        return made;
    }

    public int Port { get; } = FreePorts.Next();

    /// <summary>The connection string of a database, there or not.</summary>
    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Username={User};Database={database}";

    /// <summary>Makes an empty database with a name of its own.</summary>
    /// <param name="options">For those that are unlike all others.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string options = "")
    {
        var name = Names.Next();
        await ExecuteAsync($"CREATE DATABASE {name} {options}");
        return ConnectionString(name);
    }

    /// <summary>Drops a database and its connections.</summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        await ExecuteAsync($"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");
    }

    /// <summary>As <c>pg_ctl stop -m immediate</c> does it: no goodbye, and the next start recovers from the log.</summary>
    public async Task StopAsync()
    {
        await _process!.EndAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Runs it again on the same port.</summary>
    public async Task RunAsync() => _process = await GuardedProcess.StartAsync(
        ImmediateShutdown, _folder,
        [
            .. Command("postgres"), "-D", Data, "-c", string.Create(CultureInfo.InvariantCulture, $"port={Port}"),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=500",
        ]);

    public async Task RestartAsync()
    {
        await StopAsync();
        await RunAsync();
    }

    /// <summary>Makes a standby of this one, without which it commits nothing from then on.</summary>
    public async Task<Postgres> CreateStandbyAsync()
    {
        var standby = await PrepareAsync();
        await standby.FollowAsync(this);
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync("SELECT pg_reload_conf()");
        return standby;
    }

    /// <summary>Takes over from the primary, which has stopped.</summary>
    public Task PromoteAsync() => ExecuteAsync("SELECT pg_promote()");

    /// <summary>Becomes the standby of another one; its own data are lost.</summary>
    public async Task FollowAsync(Postgres primary)
    {
        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }

        await RunAsync([
            .. Command("pg_basebackup"), "--pgdata", Data, "--write-recovery-conf", "--checkpoint", "fast", "--dbname",
            string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={primary.Port} user={User}"),
        ]);
        await RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static async Task<Postgres> PrepareAsync()
    {
        // A class prepares its tests before its attribute is asked.
        Assert.SkipWhen(Problem is not null, Problem ?? "");
        var folder = Directory.CreateTempSubdirectory("chasqui-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", SystemUser, folder);
        }

        return new Postgres(folder);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=False");
        await connection.ExecuteAsync(sql);
    }

    private static string[] Command(string program)
    {
        var path = Path.Combine(Binaries!, program);
        return Environment.IsPrivilegedProcess
            ? ["setpriv", $"--reuid={SystemUser}", $"--regid={SystemUser}", "--init-groups", "--", path]
            : [path];
    }

    private static async Task RunAsync(params string[] command)
    {
        var ended = await Programs.RunAsync(command[0], Path.GetTempPath(), command[1..]);
        Assert.True(ended.ExitCode == 0, $"{command[0]} failed: {ended.Output}{ended.Errors}");
    }

    private static string? FindBinaries() => (Directory.Exists(Versions) ? Directory.GetDirectories(Versions) : [])
        .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
        .Select(folder => Path.Combine(folder, "bin"))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    private static bool HasSystemUser() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith(SystemUser + ":", StringComparison.Ordinal));
}
