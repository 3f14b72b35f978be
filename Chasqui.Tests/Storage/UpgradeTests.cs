using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Chasqui.Tests.Storage;

/// <summary>A database that the first version made, and served: <c>first-version.sql</c> is its dump.</summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    private const string Backups = "chasqui-before-*.db";

    private const string Ada = "user:01a2135b-1564-7357-9910-1f570409c41b";
    private const string Bob = "user:01a2135b-1639-78d6-bfd7-1aa5b5f5c5c1";
    private const string Group = "conv:01a2135b-18cb-7c71-8827-036ca3dd6297";
    private const string Direct = "conv:01a2135b-1923-70cf-8f8b-25a85713c2d3";

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync()
    {
        await using var database = Database.Open(_server.DataFolder);
        await database.ExecuteAsync("PRAGMA journal_mode = WAL");
        await database.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Chasqui.Tests", "Storage", "first-version.sql")));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task EverythingThatTheFirstVersionStoredIsServed()
    {
        await _server.StartAsync();

        using var http = _server.Anonymous();
        var login = await http.PostAsync("/api/login", Rest.Json($$"""{"username":"ADA","password":"{{Person.Password}}"}"""));
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await login.ReadAsync(200)).Text("token"));
        var tasks = (await (await http.GetAsync("/api/tasks")).ReadAsync(200)).AsArray();
        Assert.Equal(
            [("Write the minutes", false), ("Keep everything", true)],
            tasks.Select(task => (task!.Text("task_name"), task!["completed"]!.GetValue<bool>())));
        var conversations = (await (await http.GetAsync("/api/conversations")).ReadAsync(200)).AsArray();
        Assert.Equal([Direct, Group], conversations.Select(conversation => conversation!.Text("id")));
        Assert.Equal(("Old friends", 2), (conversations[1]!.Text("name"), conversations[1]!["last_seq"]!.GetValue<int>()));
        Assert.Equal([Ada, Bob], conversations[1]!.Strings("participants").Order());
        Assert.Equal("Bob", (await (await http.GetAsync("/api/users?query=bo")).ReadAsync(200)).AsArray().Single()!.Text("username"));
    }

    [Fact]
    public async Task UpgradedDatabaseContinues()
    {
        await _server.StartAsync();

        using var http = _server.Anonymous();
        var login = await http.PostAsync("/api/login", Rest.Json($$"""{"username":"Ada","password":"{{Person.Password}}"}"""));
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await login.ReadAsync(200)).Text("token"));
        var path = $"/api/conversations/{Group}/messages";
        var again = await (await http.PostAsync(path, Rest.Json("""{"content":"one","client_message_id":"c1"}"""))).ReadAsync(200);
        Assert.Equal((1, true), (again["seq"]!.GetValue<int>(), again["duplicate"]!.GetValue<bool>()));
        await http.PostAsync(path, Rest.Json("""{"content":"three"}"""));
        var history = (await (await http.GetAsync(path)).ReadAsync(200)).AsArray();
        Assert.Equal([(3, "three"), (2, "two"), (1, "one")], history.Select(message => (message!["seq"]!.GetValue<int>(), message!.Text("content"))));
        await http.PostAsync("/api/tasks", Rest.Json("""{"task_name":"Go on"}"""));
        Assert.Equal("Go on", (await (await http.GetAsync("/api/tasks")).ReadAsync(200)).AsArray()[^1]!.Text("task_name"));
    }

    [Fact]
    public async Task TheTablesAreThoseOfAFreshDatabase()
    {
        await using var fresh = new TestServer();
        await fresh.StartAsync();
        await _server.StartAsync();

        Assert.Equal(await ColumnsAsync(fresh), await ColumnsAsync(_server));
    }

    [Fact]
    public async Task UpgradeKeepsOneCopyOfOldDatabase()
    {
        await _server.StartAsync();
        await _server.StopAsync();
        await _server.StartAsync();

        var kept = Assert.Single(Directory.GetFiles(_server.DataFolder, Backups));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(kept) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await using var backup = new SqliteConnection($"Data Source={kept};Pooling=False;Mode=ReadOnly");
        Assert.Equal(["001_initial.sql"], await backup.QueryAsync<string>("SELECT script FROM schema_migrations"));
        Assert.Equal(3, await backup.ExecuteScalarAsync<long>("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task TheLogSaysWhereWhatItWasIs()
    {
        await using var server = ServerProcess.Start(
            _server.DataFolder, environment: null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", _server.DataFolder);
        await server.StartupLineAsync();

        Assert.Contains(Assert.Single(Directory.GetFiles(_server.DataFolder, Backups)), server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartWithoutUpgradeKeepsNoCopy()
    {
        await using var fresh = new TestServer();
        await fresh.StartAsync();
        await fresh.StopAsync();
        await fresh.StartAsync();

        Assert.Empty(Directory.GetFiles(fresh.DataFolder, Backups));
    }

    [Fact]
    public async Task BackupOfFirstVersionIsRestoredAndServed()
    {
        using var folder = new TemporaryFolder();
        var backup = Path.Combine(folder.Path, "chasqui.backup");
        Assert.Equal(0, (await Programs.RunServerAsync(folder.Path, "backup", backup, "--Storage:DataFolder", _server.DataFolder)).ExitCode);
        await using var restored = new TestServer();

        Assert.Equal(0, (await Programs.RunServerAsync(folder.Path, "restore", backup, "--Storage:DataFolder", restored.DataFolder)).ExitCode);

        await restored.StartAsync();
        await using var database = restored.OpenDatabase();
        Assert.Equal(3, await database.ExecuteScalarAsync<long>("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task AnUpgradeThatFailsLeavesTheDatabaseAsItWas()
    {
        await using (var database = Database.Open(_server.DataFolder))
        {
            // In the way of a later script.
            await database.ExecuteAsync("CREATE TABLE health (id INTEGER)");
        }

        await ServerProcess.RefusalAsync(_server.DataFolder);

        Assert.Empty(Directory.GetFiles(_server.DataFolder, Backups));
        await using var after = Database.Open(_server.DataFolder);
        Assert.Equal(["001_initial.sql"], await after.QueryAsync<string>("SELECT script FROM schema_migrations"));
        Assert.Equal(0, await after.ExecuteScalarAsync<long>("SELECT count(*) FROM pragma_table_info('tasks') WHERE name = 'position'"));
    }

    private static async Task<IEnumerable<string>> ColumnsAsync(TestServer server)
    {
        await using var database = server.OpenDatabase();
        return await database.QueryAsync<string>("""
            SELECT entry.type || ' ' || entry.name || ' ' || coalesce(info.name || ' ' || info.type || ' ' || info.pk, '')
            FROM sqlite_schema entry LEFT JOIN pragma_table_info(entry.name) info
            WHERE entry.name NOT LIKE 'sqlite_%' ORDER BY 1
            """);
    }
}
