using Chasqui.Tests.Support;

namespace Chasqui.Tests.Storage;

public abstract class RestartTests(Store store)
{
    [Fact]
    public async Task StoredMessagesSurviveRestart()
    {
        await using var restarted = new TestServer { Store = store };
        await restarted.StartAsync();
        using var before = await restarted.PersonAsync();
        var group = await before.OpenGroupAsync();
        await before.SendAsync(group, "Kept");
        var history = (await before.GetAsync($"/api/conversations/{group}/messages")).ToJsonString();

        await restarted.StopAsync();
        await restarted.StartAsync();

        using var http = restarted.Anonymous();
        http.DefaultRequestHeaders.Authorization = new("Bearer", before.Token);
        Assert.Equal(history, await http.GetStringAsync($"/api/conversations/{group}/messages"));
    }
}

public sealed class SqliteRestartTests() : RestartTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresRestartTests() : RestartTests(Store.Postgres);
