using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Chasqui.Tests.CommandLine;

public sealed class BackupTests : IAsyncLifetime
{
    private const int Senders = 4;
    private const int MessagesBefore = 400;

    private readonly TemporaryFolder _folder = new();
    private readonly TestServer _server = new();

    private string Backup => Path.Combine(_folder.Path, "chasqui.backup");

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task BackupUnderLoadHoldsEveryMessageAcknowledgedBeforeIt()
    {
        using var ana = await _server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        var acknowledged = new ConcurrentDictionary<long, string>();
        var begin = new TaskCompletionSource();
        using var done = new CancellationTokenSource();
        var senders = Enumerable.Range(0, Senders).Select(_ => SendAsync(ana, room, acknowledged, begin, done.Token)).ToArray();
        await begin.Task.WaitAsync(RawClient.Deadline);
        var before = acknowledged.ToArray();

        var made = await RunAsync("backup", Backup);

        await done.CancelAsync();
        await Task.WhenAll(senders);
        Assert.Equal(0, made.ExitCode);
        Assert.Matches(@"(?m)^copying pages: (\d+) of \1$", made.Errors);
        await using var restored = new TestServer();
        Assert.Equal(0, (await RestoreAsync(Backup, restored.DataFolder)).ExitCode);
        await restored.StartAsync();
        using var again = ana.On(restored);
        var history = await HistoryAsync(again, room);
        Assert.Equal(Enumerable.Range(1, history.Count).Select(seq => (long)seq), history.Keys.Order());
        Assert.All(before, message => Assert.Equal(message.Value, history[message.Key]));
        Assert.InRange(history.Count, before.Length, acknowledged.Count - 1);
        Assert.Contains($"{history.Count} messages", made.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientAheadOfRestoredServerGetsNewestSeq()
    {
        using var ana = await _server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await ana.SendAsync(room, "kept");
        await RunAsync("backup", Backup);
        await ana.SendAsync(room, "lost");
        await ana.SendAsync(room, "lost too");
        await using var restored = new TestServer();
        await RestoreAsync(Backup, restored.DataFolder);
        await restored.StartAsync();
        using var again = ana.On(restored);

        await using var raw = await again.ConnectAsync();
        var ack = await JoinAsync(raw, room, after: 3);
        Assert.Equal((false, 1), (ack["replayed"]!.GetValue<bool>(), ack["seq"]!.GetValue<long>()));
        await using var hub = await HubClient.ConnectAsync(restored, again.Token);
        var answer = await hub.JoinAsync(room, after: 3);
        Assert.Equal((false, 1), (answer.Replayed, answer.Seq));

        await again.SendAsync(room, "new");
        Assert.Equal("new", (await raw.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
        Assert.Equal(("new", 2), await hub.ReceiveAsync() is var live ? (live.Content, live.Seq) : default);
    }

    [Fact]
    public async Task RestoredServerHasNewEpoch()
    {
        using var ana = await _server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await ana.SendAsync(room, "kept");
        await RunAsync("backup", Backup);
        await ana.SendAsync(room, "lost");
        var before = (await ana.GetAsync("/api/protocol")).Text("epoch");
        await using var restored = new TestServer();
        await RestoreAsync(Backup, restored.DataFolder);
        await restored.StartAsync();
        using var again = ana.On(restored);
        await again.SendAsync(room, "new");
        await again.SendAsync(room, "newer");

        await using var socket = await again.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        var after = (await socket.ReceiveAsync("Welcome")).Text("epoch");
        Assert.NotEqual(before, after);
        Assert.Equal("newer", (await JoinedAsync(socket, room, after: 2)).Text("content"));
        Assert.Equal(after, (await again.GetAsync("/api/protocol")).Text("epoch"));
    }

    [Fact]
    public async Task AServerThatIsStartedAgainKeepsItsEpoch()
    {
        using var ana = await _server.PersonAsync();
        var before = (await ana.GetAsync("/api/protocol")).Text("epoch");
        await _server.StopAsync();
        await _server.StartAsync();

        using var again = ana.On(_server);
        Assert.Equal(before, (await again.GetAsync("/api/protocol")).Text("epoch"));
    }

    [Fact]
    public async Task WithoutAServerABackupIsMadeTooAlsoAfterACrash()
    {
        using var crashed = new TemporaryFolder();
        await Installation.CreateAndCrashAsync(crashed.Path);

        var made = await Programs.RunServerAsync(_folder.Path, "backup", Backup, "--Storage:DataFolder", crashed.Path);

        Assert.Equal(0, made.ExitCode);
        await using var backup = new SqliteConnection($"Data Source={Backup};Pooling=False;Mode=ReadOnly");
        Assert.Equal("ok", await backup.ExecuteScalarAsync<string>("PRAGMA integrity_check"));
        Assert.True(await backup.ExecuteScalarAsync<long>("SELECT count(*) FROM schema_migrations") > 0);
    }

    [Fact]
    public async Task BackupIsReadableByItsUserOnlyAndLeavesNoOtherFile()
    {
        await RunAsync("backup", Backup);

        Assert.Equal([Backup], Directory.GetFileSystemEntries(_folder.Path));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Backup) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task NothingIsOverwrittenByABackup()
    {
        await File.WriteAllTextAsync(Backup, "mine");

        var refused = await RunAsync("backup", Backup);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("exists already", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Backup));
    }

    [Fact]
    public async Task ADamagedDatabaseGivesNoBackup()
    {
        using var damaged = new TemporaryFolder();
        await Installation.CreateAsync(damaged.Path);
        await using (var file = File.OpenWrite(Path.Combine(damaged.Path, Database.FileName)))
        {
            file.Position = 4096;
            await file.WriteAsync(new byte[8192]);
        }

        var failed = await Programs.RunServerAsync(_folder.Path, "backup", Backup, "--Storage:DataFolder", damaged.Path);

        Assert.Equal(74, failed.ExitCode);
        Assert.Contains("damaged", failed.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task AServerThatRunsIsNotRestoredOver()
    {
        await RunAsync("backup", Backup);

        var refused = await RestoreAsync(Backup, _server.DataFolder);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("stop it first", refused.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Database.FileName)]
    [InlineData(Database.FileName + "-wal")]
    public async Task RestoreRefusesRemainsOfDatabase(string left)
    {
        await RunAsync("backup", Backup);
        using var used = new TemporaryFolder();
        var file = Path.Combine(used.Path, left);
        await File.WriteAllTextAsync(file, "left");

        var refused = await RestoreAsync(Backup, used.Path);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(left, refused.Errors, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(used.Path));
    }

    [Theory]
    [InlineData("PRAGMA user_version = 1", "INSERT INTO schema_migrations VALUES ('999_future.sql', 'x', 0)", "newer version", 78)]
    [InlineData("DROP TABLE schema_migrations", "", "is not a Chasqui database", 74)]
    public async Task BackupOfAnotherVersionIsNotRestored(string first, string second, string said, int exitCode)
    {
        await RunAsync("backup", Backup);
        await using (var backup = new SqliteConnection($"Data Source={Backup};Pooling=False"))
        {
            await backup.ExecuteAsync(first + ";" + second);
        }

        var restored = Path.Combine(_folder.Path, "restored");
        var refused = await RestoreAsync(Backup, restored);

        Assert.Equal(exitCode, refused.ExitCode);
        Assert.Contains(said, refused.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(restored));
    }

    [Theory]
    [InlineData("backup", "pg_dump")]
    [InlineData("restore", "pg_restore")]
    public async Task PostgresHasItsOwnCommands(string command, string own)
    {
        var refused = await Programs.RunServerAsync(
            _folder.Path, command, Backup, "--Storage:Provider", "Postgres", "--Storage:ConnectionString", "Host=127.0.0.1");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(own, refused.Errors, StringComparison.Ordinal);
    }

    private static async Task SendAsync(
        Person person, string room, ConcurrentDictionary<long, string> acknowledged, TaskCompletionSource begin, CancellationToken done)
    {
        await using var socket = await person.ConnectAsync();
        do
        {
            await socket.SendAsync(new { type = "message", conversation_id = room, content = new string('x', 1000), request_id = "s" });
            var ack = await socket.ReceiveAsync("Ack");
            acknowledged[ack["seq"]!.GetValue<long>()] = ack.Text("message_id");
            if (acknowledged.Count >= MessagesBefore)
            {
                begin.TrySetResult();
            }
        }
        while (!done.IsCancellationRequested);
    }

    private static async Task<Dictionary<long, string>> HistoryAsync(Person person, string room)
    {
        var history = new Dictionary<long, string>();
        JsonArray page;
        do
        {
            page = (await person.GetAsync($"/api/conversations/{room}/messages?after={history.Count}&limit=200")).AsArray();
            foreach (var message in page)
            {
                history.Add(message!["seq"]!.GetValue<long>(), message!.Text("id"));
            }
        }
        while (page.Count > 0);
        return history;
    }

    private static async Task<JsonNode> JoinAsync(RawClient socket, string room, long after)
    {
        await socket.SendAsync(new { type = "join", conversation_id = room, after, request_id = "j" });
        return await socket.ReceiveAsync("Ack");
    }

    /// <summary>The first message that a join replays.</summary>
    private static async Task<JsonNode> JoinedAsync(RawClient socket, string room, long after)
    {
        await socket.SendAsync(new { type = "join", conversation_id = room, after, request_id = "j" });
        return (await socket.ReceiveAsync("NewMessage"))["message"]!;
    }

    private static Task<Ended> RestoreAsync(string backup, string dataFolder) =>
        Programs.RunServerAsync(Path.GetTempPath(), "restore", backup, "--Storage:DataFolder", dataFolder);

    private Task<Ended> RunAsync(params string[] command) =>
        Programs.RunServerAsync(_folder.Path, [.. command, .. _server.StorageSettings]);
}
