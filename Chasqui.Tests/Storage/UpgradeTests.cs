using Chasqui.Server.Configuration;
using Chasqui.Server.Storage;
using Chasqui.Server.Storage.Postgres;
using Chasqui.Server.Storage.Sqlite;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chasqui.Tests.Storage;

/// <summary>A database of this version, with data, and a made-up next version.</summary>
public abstract class UpgradeTests(Store store) : IAsyncLifetime
{
    private protected static readonly Script Next = new("002_next.sql", "ALTER TABLE tasks ADD COLUMN note TEXT;");
    private static readonly Script Failing = new("002_next.sql", Next.Sql + "CREATE TABLE health (id INTEGER);");

    private string _room = "";
    private Person? _ana;

    private protected TestServer Server { get; } = new() { Store = store };

    public async ValueTask InitializeAsync()
    {
        await Server.StartAsync();
        _ana = await Server.PersonAsync();
        _room = await _ana.OpenGroupAsync();
        await _ana.SendAsync(_room, "kept");
        await Server.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _ana?.Dispose();
        await Server.DisposeAsync();
    }

    [Fact]
    public async Task UpgradeKeepsTheData()
    {
        Upgrade(Next);

        await using var database = Server.OpenDatabase();
        Assert.Equal(1, await database.ExecuteScalarAsync<long>("SELECT count(*) FROM messages"));
        Assert.Equal(["001_schema.sql", Next.Name], await database.QueryAsync<string>("SELECT script FROM schema_migrations ORDER BY script"));
        await database.ExecuteAsync("UPDATE tasks SET note = 'a column of the next version'");
    }

    [Fact]
    public async Task OlderServerRefusesTheUpgradedDatabase()
    {
        Upgrade(Next);

        var refusal = await ServerProcess.RefusalAsync(Server.DataFolder, Server.StorageSettings);

        Assert.Contains("newer version", refusal, StringComparison.Ordinal);
        Assert.Contains(Next.Name, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedUpgradeChangesNothing()
    {
        Assert.ThrowsAny<Exception>(() => Upgrade(Failing));

        await using (var database = Server.OpenDatabase())
        {
            Assert.Equal(["001_schema.sql"], await database.QueryAsync<string>("SELECT script FROM schema_migrations"));
        }

        Assert.Empty(Copies());
        await Server.StartAsync();
        using var again = _ana!.On(Server);
        Assert.Equal("kept", Assert.Single((await again.GetAsync($"/api/conversations/{_room}/messages")).AsArray())!.Text("content"));
    }

    private protected string[] Copies() => Directory.GetFiles(Server.DataFolder, "chasqui-before-*.db");

    private protected abstract void Upgrade(Script next);
}

public sealed class SqliteUpgradeTests() : UpgradeTests(Store.Sqlite)
{
    private readonly Lines _log = new();

    [Fact]
    public async Task UpgradeCopiesTheDatabaseFirstAndLogsTheCopy()
    {
        Upgrade(Next);

        var copy = Assert.Single(Copies());
        Assert.Equal(2, _log.Written.Count(line => line.Contains(copy, StringComparison.Ordinal)));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(copy) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await using var database = new SqliteConnection($"Data Source={copy};Pooling=False;Mode=ReadOnly");
        Assert.Equal(["001_schema.sql"], await database.QueryAsync<string>("SELECT script FROM schema_migrations"));
        Assert.Equal(1, await database.ExecuteScalarAsync<long>("SELECT count(*) FROM messages"));
    }

    [Fact]
    public void StartWithoutAnUpgradeMakesNoCopy()
    {
        Upgrade(Next);
        Upgrade(Next);

        Assert.Single(Copies());
    }

    private protected override void Upgrade(Script next)
    {
        var options = Options.Create(new StorageOptions { DataFolder = Server.DataFolder });
        var database = new SqliteDatabase(options, _log) { Migrations = SqliteDatabase.Schema.With(next) };
        try
        {
            database.Open(attachToRunningServer: false);
        }
        finally
        {
            database.Close();
        }
    }

    private sealed class Lines : ILogger<SqliteDatabase>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}

[PostgresTests]
public sealed class PostgresUpgradeTests() : UpgradeTests(Store.Postgres)
{
    private protected override void Upgrade(Script next)
    {
        var options = Options.Create(new StorageOptions { ConnectionString = Server.StorageSettings[^1] });
        new PostgresDatabase(options, new ServerInstance()) { Migrations = PostgresDatabase.Schema.With(next) }.Open(attachToRunningServer: false);
    }
}
