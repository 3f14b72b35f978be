using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

public abstract class CountLimitTests(Store store) : IAsyncLifetime
{
    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:MaxConversationsPerUser", "2", "--Limits:MaxTasksPerUser", "2");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task TasksAreLimitedPerUser()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        await AddTaskAsync(ana);
        await AddTaskAsync(ana);

        await (await ana.PostAsync("/api/tasks", new { task_name = "x" })).ReadProblemAsync(409, ErrorCodes.TooManyTasks);

        await AddTaskAsync(ben);
        Assert.Equal(3, (await ana.GetAsync("/api/tasks")).AsArray().Count);
    }

    [Fact]
    public async Task ConversationsAreLimitedAndExistingOnesAreFound()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        using var cem = await _server.PersonAsync();
        var direct = await ana.OpenAsync("direct", [ben.Id]);
        var group = await ana.OpenGroupAsync(ben);

        foreach (var type in new[] { "direct", "group" })
        {
            var body = new { conversation_type = type, participant_ids = new[] { cem.Id } };
            await (await ana.PostAsync("/api/conversations", body)).ReadProblemAsync(409, ErrorCodes.TooManyConversations);
        }

        Assert.Equal(direct.Text("id"), (await ana.OpenAsync("direct", [ben.Id])).Text("id"));
        // Whom others have put into conversations can open their own.
        await ben.OpenGroupAsync(cem);
        await ben.OpenGroupAsync(cem);

        // Leaving those who stay behind makes no room; the last one to leave does.
        await LeaveAsync(ana, group);
        var third = new { conversation_type = "group", participant_ids = new[] { cem.Id } };
        await (await ana.PostAsync("/api/conversations", third)).ReadProblemAsync(409, ErrorCodes.TooManyConversations);
        await LeaveAsync(ben, group);
        await ana.OpenGroupAsync(cem);
    }

    [Fact]
    public async Task RefusalOfAnotherConversationDoesNotTellWhetherAnEmailAddressIsKnown()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        await ana.OpenGroupAsync();
        await ana.OpenGroupAsync();

        foreach (var type in new[] { "direct", "group" })
        {
            foreach (var address in new[] { ben.Email, "nobody@example.org" })
            {
                var body = new { conversation_type = type, participant_ids = new[] { address } };
                await (await ana.PostAsync("/api/conversations", body)).ReadProblemAsync(409, ErrorCodes.TooManyConversations);
            }
        }
    }

    private static async Task LeaveAsync(Person person, string group) =>
        await (await person.Http.DeleteAsync($"/api/conversations/{group}/participants/{person.Id}")).ReadAsync(200);

    private static async Task AddTaskAsync(Person person) =>
        await (await person.PostAsync("/api/tasks", new { task_name = "x" })).ReadAsync(200);
}

public sealed class SqliteCountLimitTests() : CountLimitTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresCountLimitTests() : CountLimitTests(Store.Postgres);
