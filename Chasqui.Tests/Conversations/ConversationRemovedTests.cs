using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class ConversationRemovedTests(TestServer server)
{
    [Fact]
    public async Task RemovedMemberIsToldOnAllOptedInConnections()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await using var raw = await GreetAsync(ben);
        await using var joined = await GreetAsync(ben);
        await joined.JoinAsync(group);
        await using var old = await ben.ConnectAsync();
        await old.JoinAsync(group);
        await using var hub = await HubClient.ConnectAsync(server, ben.Token);
        await using var owner = await GreetAsync(ana);

        await (await ana.Http.DeleteAsync($"/api/conversations/{group}/participants/{ben.Id}")).ReadAsync(200);

        foreach (var socket in new[] { raw, joined })
        {
            var removed = await socket.ReceiveAsync("ConversationRemoved");
            Assert.Equal(["type", "conversation_id", "reason"], removed.Fields());
            Assert.Equal((group, "removed"), (removed.Text("conversation_id"), removed.Text("reason")));
            await socket.PingAsync();
        }

        Assert.Equal(RemovalReasons.Removed, (await hub.ReceiveAsync<ConversationRemoved>()).Reason);
        await old.PingAsync();
        await owner.ReceiveAsync("ConversationUpdated");
        await owner.PingAsync();
    }

    [Fact]
    public async Task LeavingManyGroupsTellsOfEach()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        string[] groups = [.. await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => i == 0 ? ana.OpenGroupAsync() : ana.OpenGroupAsync(ben)))];
        await using var socket = await GreetAsync(ana);

        await (await ana.PostAsync("/api/conversations/leave", new { conversation_ids = groups })).ReadAsync(200);

        var left = new HashSet<string>();
        foreach (var _ in groups)
        {
            var removed = await socket.ReceiveAsync("ConversationRemoved");
            Assert.Equal("left", removed.Text("reason"));
            left.Add(removed.Text("conversation_id"));
        }

        Assert.Equal(groups.ToHashSet(), left);
        await (await ana.PostAsync("/api/conversations/leave", new { conversation_ids = groups })).ReadAsync(200);
        await socket.PingAsync();
    }

    private static async Task<RawClient> GreetAsync(Person person)
    {
        var socket = await person.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        await socket.ReceiveAsync("Welcome");
        return socket;
    }
}

public sealed class SqliteConversationRemovedTests(TestServer server)
    : ConversationRemovedTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresConversationRemovedTests(PostgresServer server)
    : ConversationRemovedTests(server), IClassFixture<PostgresServer>;
