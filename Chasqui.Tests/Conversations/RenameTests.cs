using System.Net.Http.Json;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class RenameTests(TestServer server)
{
    [Fact]
    public async Task NewNameReachesAllMembersOnce()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await using var raw = await ana.ConnectAsync();
        await raw.SendAsync(new { type = "hello" });
        await raw.ReceiveAsync("Welcome");
        await using var old = await ana.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(server, ben.Token);

        // Ben is a member, not the owner.
        var renamed = await (await RenameAsync(ben, group, "Bäcker\u200D🥖")).ReadAsync(200);

        Assert.Equal((group, "Bäcker\u200D🥖"), (renamed.Text("id"), renamed.Text("name")));
        Assert.Equal([ben.Id, ana.Id], renamed.Strings("participants"));
        var updated = (await raw.ReceiveAsync("ConversationUpdated"))["conversation"]!;
        Assert.Equal((renamed.Text("name"), renamed.Text("updated_at")), (updated.Text("name"), updated.Text("updated_at")));
        Assert.Equal(renamed.Text("name"), (await hub.ReceiveAsync<ConversationUpdated>()).Conversation.Name);
        Assert.Equal(renamed.Text("name"), Assert.Single((await ana.GetAsync("/api/conversations")).AsArray())!.Text("name"));

        // The same name again changes nothing.
        var again = await (await RenameAsync(ana, group, renamed.Text("name"))).ReadAsync(200);
        Assert.Equal(renamed.Text("updated_at"), again.Text("updated_at"));
        await raw.PingAsync();
        await old.PingAsync();
        Assert.Empty(hub.TakeReceived());
    }

    [Fact]
    public async Task WrongNamesAndCallersAreRefused()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var direct = (await ana.OpenAsync("direct", [ben.Id])).Text("id");

        foreach (var name in new[] { null, "", " \u2800", "two\nlines", "\u202Eback", new string('x', 201) })
        {
            await (await RenameAsync(ana, group, name)).ReadProblemAsync(400, "invalid_field");
        }

        await (await RenameAsync(ana, group, string.Concat(Enumerable.Repeat("😀", 200)))).ReadAsync(200);
        await (await RenameAsync(ana, direct, "Ours")).ReadProblemAsync(400, "direct_conversation");
        foreach (var id in new[] { group, "conv:none", $"conv:{Guid.CreateVersion7()}" })
        {
            await (await RenameAsync(ben, id, "Mine")).ReadProblemAsync(404, "conversation_not_found");
        }
    }

    private static Task<HttpResponseMessage> RenameAsync(Person person, string conversation, string? name) =>
        person.Http.PatchAsJsonAsync($"/api/conversations/{conversation}", new { name });
}

public sealed class SqliteRenameTests(TestServer server) : RenameTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresRenameTests(PostgresServer server) : RenameTests(server), IClassFixture<PostgresServer>;
