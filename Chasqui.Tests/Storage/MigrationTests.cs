using System.Security.Cryptography;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

public sealed class MigrationTests
{
    [Fact]
    public async Task EachScriptIsRecordedOnceWithItsChecksum()
    {
        await using var server = new TestServer();
        await server.StartAsync();
        await server.StopAsync();
        await server.StartAsync();

        await using var database = Database.Open(server.DataFolder);
        var recorded = await database.QueryAsync<(string, string)>("SELECT script, checksum FROM schema_migrations ORDER BY script");
        var shipped = Directory.GetFiles(Path.Combine(Repository.Root, "sql", "sqlite"), "*.sql").Order()
            .Select(file => (Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))));
        Assert.Equal(shipped, recorded);
    }

    [Fact]
    public async Task MessagesOfEarlierVersionAreKeptAndNotDuplicated()
    {
        await using var server = new TestServer();
        await server.StartAsync();
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await ana.SendAsync(room, "old");
        await server.StopAsync();
        await using (var database = Database.Open(server.DataFolder))
        {
            // As it was before recent messages were kept apart.
            await database.ExecuteAsync("""
                DROP VIEW messages;
                INSERT INTO settled_messages (conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at)
                SELECT conversation_id, seq, id, sender_id, content, message_type, 'first', created_at FROM recent_messages;
                DROP TABLE recent_messages;
                ALTER TABLE settled_messages RENAME TO messages;
                DELETE FROM schema_migrations WHERE script = '005_recent_messages.sql';
                """);
        }

        await server.StartAsync();

        using var again = ana.On(server);
        var retried = await (await again.PostAsync(
            $"/api/conversations/{room}/messages", new { content = "old", client_message_id = "first" })).ReadAsync(200);
        Assert.True(retried["duplicate"]!.GetValue<bool>());
        await again.SendAsync(room, "new");
        var history = (await again.GetAsync($"/api/conversations/{room}/messages")).AsArray();
        Assert.Equal([("new", 2), ("old", 1)], history.Select(message => (message!.Text("content"), message!["seq"]!.GetValue<int>())));
    }

    [Theory]
    [InlineData("UPDATE schema_migrations SET checksum = 'other' WHERE script = '001_initial.sql'", "001_initial.sql", "restore")]
    [InlineData("INSERT INTO schema_migrations VALUES ('999_future.sql', 'x', 0)", "999_future.sql", "newer version")]
    public async Task AChangedOrUnknownScriptRefusesToStartAndSaysWhatToDo(string meddling, string script, string advice)
    {
        using var folder = new TemporaryFolder();
        await Installation.CreateAsync(folder.Path);
        await using (var database = Database.Open(folder.Path))
        {
            await database.ExecuteAsync(meddling);
        }

        var refusal = await ServerProcess.RefusalAsync(folder.Path);

        Assert.Contains($"'{script}'", refusal, StringComparison.Ordinal);
        Assert.Contains(advice, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheDatabaseOfAnotherProgramRefusesToStartAndIsLeftAlone()
    {
        using var folder = new TemporaryFolder();
        await using (var database = Database.Open(folder.Path))
        {
            await database.ExecuteAsync("CREATE TABLE users (name TEXT)");
        }

        Assert.Contains(Database.FileName, await ServerProcess.RefusalAsync(folder.Path), StringComparison.Ordinal);

        await using var after = Database.Open(folder.Path);
        Assert.Equal(["users"], await after.QueryAsync<string>("SELECT name FROM sqlite_schema"));
    }
}
