using System.Net.Http.Json;
using System.Text;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

/// <summary>What was deleted is in no file any more.</summary>
public sealed class ErasingTests : IAsyncLifetime
{
    /// <summary>Text after which the earlier messages settle in the table of all conversations.</summary>
    private const int Others = 250;

    private readonly TemporaryFolder _folder = new();
    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DeletedMessageIsInNoPageOfTheFilesAndInNoBackup(bool isSettled)
    {
        using var ana = await _server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var message = (await ana.SendAsync(group, "the first secret " + new string('x', 3_000))).Text("id");
        var path = $"/api/conversations/{group}/messages/{message}";
        await (await ana.Http.PatchAsJsonAsync(path, new { content = $"the second secret, @{ana.Name}" })).ReadAsync(200);
        await (await ana.Http.PutAsync(path + "/reactions/🦤", content: null)).ReadAsync(200);
        for (var i = 0; i < (isSettled ? Others : 1); i++)
        {
            await ana.SendAsync(group, "kept " + new string('y', 9_000));
        }

        await (await ana.Http.DeleteAsync(path)).ReadAsync(200);

        // Its pages are written over, and the log is emptied.
        var backup = Path.Combine(_folder.Path, "chasqui.backup");
        Assert.Equal(0, (await Programs.RunServerAsync(_folder.Path, "backup", backup, "--Storage:DataFolder", _server.DataFolder)).ExitCode);
        await _server.StopAsync();
        foreach (var file in Directory.EnumerateFiles(_server.DataFolder).Append(backup))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            foreach (var erased in new[] { "the first secret", "the second secret", "🦤" })
            {
                Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(erased)) < 0, $"'{erased}' is in {Path.GetFileName(file)}");
            }
        }

        Assert.Contains("kept ", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(backup, TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }
}

[PostgresTests]
public sealed class PostgresErasingTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task DeletedMessageIsInNoFileOfTheDatabaseAfterItWasCompacted()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var message = (await ana.SendAsync(group, "the first secret")).Text("id");
        var path = $"/api/conversations/{group}/messages/{message}";
        await (await ana.Http.PatchAsJsonAsync(path, new { content = "the second secret" })).ReadAsync(200);
        await (await ana.Http.PutAsync(path + "/reactions/🦤", content: null)).ReadAsync(200);
        await ana.SendAsync(group, "what is kept");
        await (await ana.Http.DeleteAsync(path)).ReadAsync(200);

        await using var database = server.OpenDatabase();
        await database.ExecuteAsync("VACUUM FULL");
        await database.ExecuteAsync("CHECKPOINT;");
        var folder = await database.ExecuteScalarAsync<string>(
            "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database WHERE datname = current_database()");

        var stored = await Task.WhenAll(Directory.EnumerateFiles(folder!)
            .Select(file => File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)));
        bool Holds(string text) => stored.Any(bytes => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
        Assert.True(Holds("what is kept"));
        Assert.All(new[] { "the first secret", "the second secret", "🦤" }, erased => Assert.False(Holds(erased), erased));
    }
}
