using System.Diagnostics;
using System.Text.RegularExpressions;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

[PostgresTests]
public sealed partial class StorageCopyTests : IAsyncLifetime
{
    private const int Many = 100_000;

    private readonly TestServer _source = new();
    private string _target = "";

    public async ValueTask InitializeAsync()
    {
        _target = await (await Postgres.SharedAsync()).CreateDatabaseAsync();
        await _source.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await (await Postgres.SharedAsync()).DropDatabaseAsync(_target);
    }

    [Fact]
    public async Task ServerOnCopyAnswersLikeOriginal()
    {
        using var ana = await _source.PersonAsync();
        using var ben = await _source.PersonAsync();
        using var ended = await ben.AgainAsync();
        var room = (await ana.OpenAsync("group", [ben.Id], "naïve 🦙")).Text("id");
        var direct = (await ben.OpenAsync("direct", [ana.Id])).Text("id");
        var first = new { content = "Grüße,\0🦙", client_message_id = "i\0d" };
        await (await ana.PostAsync($"/api/conversations/{room}/messages", first)).ReadAsync(200);
        for (var i = 2; i <= 6; i++)
        {
            await ben.SendAsync(room, $"{i}");
        }

        await ana.SendAsync(direct, "hi");
        var task = (await (await ana.PostAsync("/api/tasks", new { task_name = "täsk" })).ReadAsync(200)).Text("uuid");
        await (await ana.PostAsync("/api/tasks", new { task_name = "another" })).ReadAsync(200);
        await (await ana.Http.PatchAsync($"/api/tasks/{task}", content: null)).ReadAsync(200);
        await (await ended.PostAsync("/api/logout", new { })).ReadAsync(200);
        // The tokens are of the key before the newest.
        Assert.Equal(0, (await Programs.RunServerAsync(_source.DataFolder, "keys", "rotate", "--Storage:DataFolder", _source.DataFolder)).ExitCode);
        await using (var database = _source.OpenDatabase())
        {
            await database.ExecuteAsync("""
                INSERT INTO settled_messages (conversation_id, seq, number, id, sender_id, content, client_message_id, created_at)
                SELECT conversation_id, seq, number, id, sender_id, content, client_message_id, created_at FROM recent_messages WHERE seq <= 3;
                DELETE FROM recent_messages WHERE seq <= 3;
                """);
        }

        string[] questions = ["/api/conversations", $"/api/conversations/{room}/messages", $"/api/conversations/{direct}/messages", "/api/tasks", "/api/me"];
        var before = await AnswersAsync(ana, ben, questions);
        await _source.StopAsync();

        var copied = await CopyAsync();

        Assert.Equal((0, ""), (copied.ExitCode, Unexpected(copied.Errors)));
        Assert.Matches(@"(?m)^messages +7 +[0-9a-f]{64}$", copied.Output);
        await using var copy = new TestServer();
        await copy.StartAsync(OnTarget);
        using var anaThere = ana.On(copy);
        using var benThere = ben.On(copy);
        Assert.Equal(before, await AnswersAsync(anaThere, benThere, questions));
        using var again = await anaThere.AgainAsync();
        using var endedThere = ended.On(copy);
        await (await endedThere.Http.GetAsync("/api/me")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        var retried = await (await anaThere.PostAsync($"/api/conversations/{room}/messages", first)).ReadAsync(200);
        Assert.True(retried["duplicate"]!.GetValue<bool>());
        Assert.Equal(7, (await again.SendAsync(room, "7"))["seq"]!.GetValue<long>());
        Assert.Equal(direct, (await anaThere.OpenAsync("direct", [ben.Id])).Text("id"));
        await (await anaThere.PostAsync("/api/tasks", new { task_name = "last" })).ReadAsync(200);
        Assert.Equal("last", (await anaThere.GetAsync("/api/tasks")).AsArray()[^1]!.Text("task_name"));
        await (await again.PostAsync("/api/logout", new { })).ReadAsync(200);
        await using var target = Database.OpenPostgres(_target);
        Assert.Equal([1, 2], await target.QueryAsync<long>("SELECT position FROM ended_tokens ORDER BY position"));
        Assert.Equal(0, (await Programs.RunServerAsync(copy.DataFolder, ["keys", "rotate", "--force", .. OnTarget])).ExitCode);
        Assert.Equal([2, 3], await target.QueryAsync<long>("SELECT position FROM signing_keys ORDER BY position"));
    }

    [Theory]
    [InlineData("KILL", 137)]
    // Not INT: a process that a shell starts in the background ignores it.
    [InlineData("TERM", 75)]
    public async Task StoppedCopyResumesAndNoServerStartsBeforeItsEnd(string signal, int exitCode)
    {
        await FillAsync();
        await _source.StopAsync();

        var stopped = await StopCopyingAsync(signal);

        Assert.Equal(exitCode, stopped.ExitCode);
        Assert.Contains("'storage copy'", await ServerProcess.RefusalAsync(_source.DataFolder, OnTarget));
        var there = await CountAsync();
        Assert.InRange(there, 1, Many - 1);

        var copied = await CopyAsync();

        Assert.Equal((0, ""), (copied.ExitCode, Unexpected(copied.Errors)));
        Assert.Contains($"comparing messages: {there} of {Many}", copied.Errors);
        Assert.Equal(Many, await CountAsync());
        await using var copy = new TestServer();
        await copy.StartAsync(OnTarget);
    }

    [Fact]
    public async Task TamperedRowIsFoundAndNothingIsWritten()
    {
        using var ana = await _source.PersonAsync();
        var room = await ana.OpenGroupAsync();
        for (var i = 1; i <= 3; i++)
        {
            await ana.SendAsync(room, $"{i}");
        }

        await _source.StopAsync();
        Assert.Equal(0, (await CopyAsync()).ExitCode);
        await using var target = Database.OpenPostgres(_target);
        await target.ExecuteAsync("UPDATE messages SET content = '4'::bytea WHERE seq = 2; DELETE FROM messages WHERE seq = 3");

        var refused = await CopyAsync();

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("row 2 of messages", refused.Errors);
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task CopyThatDiffersIsFoundAndNoServerStartsOnIt()
    {
        using var ana = await _source.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await ana.SendAsync(room, "kept");
        await _source.StopAsync();
        Assert.Equal(0, (await CopyAsync()).ExitCode);
        await using (var source = _source.OpenDatabase())
        {
            await source.ExecuteAsync("""
                INSERT INTO settled_messages (conversation_id, seq, number, id, sender_id, content, created_at)
                SELECT conversation_id, 2, 2, zeroblob(16), sender_id, 'changed', created_at FROM messages
                """);
        }

        await using var target = Database.OpenPostgres(_target);
        await target.ExecuteAsync("""
            CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.created_at := NEW.created_at + 1; RETURN NEW; END $$;
            CREATE TRIGGER change BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION change();
            """);

        var copied = await CopyAsync();

        Assert.Equal(1, copied.ExitCode);
        Assert.Contains("The copy differs from its source: row 2 of messages", copied.Errors);
        Assert.Contains("'storage copy'", await ServerProcess.RefusalAsync(_source.DataFolder, OnTarget));
    }

    [Fact]
    public async Task ATargetThatHoldsSomethingElseIsRefusedAndLeftAsItIs()
    {
        using var ana = await _source.PersonAsync();
        await _source.StopAsync();
        await using (var other = new TestServer())
        {
            await other.StartAsync(OnTarget);
            Assert.Contains("servers run on it", (await CopyAsync()).Errors);
            using var eve = await other.PersonAsync();
        }

        var refused = await CopyAsync();

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("row 1 of users", refused.Errors);
        await using var copy = new TestServer();
        await copy.StartAsync(OnTarget);
        using var http = copy.Anonymous();
        await (await http.GetAsync("/health/ready")).ReadAsync(200);
        await using var target = Database.OpenPostgres(_target);
        Assert.Equal(1, await target.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM users"));
    }

    [Fact]
    public async Task ATargetOfAnotherProgramIsRefusedAndGetsNoTables()
    {
        await _source.StopAsync();
        await using var target = Database.OpenPostgres(_target);
        await target.ExecuteAsync("CREATE TABLE orders (id bigint)");

        var refused = await CopyAsync();

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("'orders'", refused.Errors);
        Assert.Equal(["orders"], await target.QueryAsync<string>("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task ASourceThatAServerRunsOnIsRefused()
    {
        var refused = await CopyAsync();

        Assert.Equal(78, refused.ExitCode);
        Assert.Contains("stop it first", refused.Errors);
    }

    [Fact]
    public async Task ASourceOfAnotherVersionIsRefusedAndNotChanged()
    {
        await _source.StopAsync();
        await using (var database = _source.OpenDatabase())
        {
            await database.ExecuteAsync("DELETE FROM schema_migrations WHERE script = '001_schema.sql'");
        }

        var refused = await CopyAsync();

        Assert.Equal(78, refused.ExitCode);
        Assert.Contains("of an older version", refused.Errors);
    }

    [Fact]
    public async Task TheSourceCanBeAFileOfAnyName()
    {
        await FillAsync(messages: 3);
        await _source.StopAsync();
        var backup = Path.Combine(_source.DataFolder, "backup.db");
        File.Move(Path.Combine(_source.DataFolder, Database.FileName), backup);

        Assert.Equal(0, (await CopyAsync(backup)).ExitCode);

        Assert.Equal(3, await CountAsync());
    }

    private string[] OnTarget => ["--Storage:Provider", "Postgres", "--Storage:ConnectionString", _target];

    private static async Task<string[]> AnswersAsync(Person ana, Person ben, string[] questions)
    {
        var answers = new List<string>();
        foreach (var person in new[] { ana, ben })
        {
            foreach (var question in questions)
            {
                answers.Add((await person.GetAsync(question)).ToJsonString());
            }
        }

        return [.. answers];
    }

    private string[] Command(string? from = null) => ["storage", "copy", "--from", "sqlite:" + (from ?? _source.DataFolder), "--to", "postgres:" + _target];

    private Task<Ended> CopyAsync(string? from = null) => Programs.RunServerAsync(_source.DataFolder, Command(from));

    /// <summary>Stops a copy once it has begun with the messages.</summary>
    private async Task<Ended> StopCopyingAsync(string signal)
    {
        await using var target = Database.OpenPostgres(_target);
        using var process = Process.Start(Programs.Describe("dotnet", _source.DataFolder, [Programs.ServerDll, .. Command()]))!;
        var said = "";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said += line + "\n";
            if (line.StartsWith("copying messages", StringComparison.Ordinal))
            {
                break;
            }
        }

        // Its next rows wait behind this, so that it is stopped in the middle.
        await using var held = await target.BeginTransactionAsync();
        await target.ExecuteAsync("LOCK TABLE messages IN SHARE MODE");
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {process.Id}"]);
        said += await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, "", said);
    }

    private async Task FillAsync(int messages = Many)
    {
        using var ana = await _source.PersonAsync();
        await ana.OpenGroupAsync();
        await using var database = _source.OpenDatabase();
        await database.ExecuteAsync("""
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < @messages)
            INSERT INTO settled_messages (conversation_id, seq, number, id, sender_id, content, client_message_id, created_at)
            SELECT conversations.id, n, n, randomblob(16), users.id, 'message ' || n, 'id ' || n, n FROM numbers, conversations, users;
            UPDATE conversations SET last_seq = @messages, message_count = @messages;
            """, new { messages });
    }

    private async Task<long> CountAsync()
    {
        await using var target = Database.OpenPostgres(_target);
        return await target.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM messages");
    }

    /// <summary>What is said on the way, but for how far it is.</summary>
    private static string Unexpected(string errors) => Progress().Replace(errors, "");

    [GeneratedRegex(@"(?m)^(comparing|copying|verifying) [a-z_]+: \d+ of \d+\n")]
    private static partial Regex Progress();
}
