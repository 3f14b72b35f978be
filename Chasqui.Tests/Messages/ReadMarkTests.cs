using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Tests.Presence;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

/// <summary>How far each member has read, and what is unread.</summary>
public abstract class ReadMarkTests(TestServer server)
{
    [Fact]
    public async Task WhatOthersWroteIsUnreadUntilItIsRead()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await ana.SendAsync(group, "one");
        await ana.SendAsync(group, "two");
        await ana.SendAsync(group, "three");

        Assert.Equal((3, 0), await MarkAsync(ana, group));
        Assert.Equal((0, 3), await MarkAsync(ben, group));
        Assert.Equal(2, (await ReadAsync(ben, group, 2))["seq"]!.GetValue<long>());
        Assert.Equal((2, 1), await MarkAsync(ben, group));

        // It only moves forward.
        Assert.Equal("""{"duplicate":true}""", (await ReadAsync(ben, group, 1)).ToJsonString());
        Assert.Equal((2, 1), await MarkAsync(ben, group));

        // An answer moves its sender's own mark.
        await ben.SendAsync(group, "four");
        Assert.Equal((4, 0), await MarkAsync(ben, group));
        Assert.Equal((3, 1), await MarkAsync(ana, group));
        var members = (await FindAsync(ana, group))["members"]!.AsArray();
        Assert.Equal([3, 4], members.Select(member => member!["last_read_seq"]!.GetValue<long>()).Order());
    }

    [Fact]
    public async Task OtherEventsAreNotUnread()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var cleo = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var message = (await ana.SendAsync(group, "hi")).Text("id");
        await (await ana.Http.PutAsync($"/api/conversations/{group}/messages/{message}/reactions/👍", content: null)).ReadAsync(200);
        await ReadAsync(ben, group, 2);

        await (await ana.PostAsync($"/api/conversations/{group}/participants", new { identifier = cleo.Id })).ReadAsync(200);

        Assert.Equal((2, 0), await MarkAsync(ben, group));
        // She begins where she was added.
        Assert.Equal((3, 0), await MarkAsync(cleo, group));
        await ana.SendAsync(group, "welcome");
        Assert.Equal((2, 1), await MarkAsync(ben, group));
        Assert.Equal((3, 1), await MarkAsync(cleo, group));
    }

    [Fact]
    public async Task MarkIsToldToOwnConnectionsAndToThoseThatJoined()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await ana.SendAsync(group, "hi");
        await using var joined = await ana.OptInAsync(group);
        await using var own = await ben.OptInAsync();
        await using var old = await ben.ConnectAsync();
        await old.JoinAsync(group);

        await old.SendAsync(new { type = "read", conversation_id = group, seq = 1, request_id = "r" });

        var answer = await old.ReceiveAsync("Ack");
        Assert.Equal((1, false), (answer["seq"]!.GetValue<long>(), answer["duplicate"]!.GetValue<bool>()));
        foreach (var told in new[] { joined, own })
        {
            var moved = await told.ReceiveAsync("ReadMarkMoved");
            Assert.Equal((group, ben.Id, 1), (moved.Text("conversation_id"), moved.Text("user_id"), moved["seq"]!.GetValue<long>()));
        }

        await old.SendAsync(new { type = "read", conversation_id = group, seq = 1, request_id = "r" });
        Assert.True((await old.ReceiveAsync("Ack"))["duplicate"]!.GetValue<bool>());
        await joined.PingAsync();
    }

    [Fact]
    public async Task MarkBeyondTheNewestEventIsRefused()
    {
        using var ana = await server.PersonAsync();
        using var eve = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await ana.SendAsync(group, "hi");

        Assert.Equal("invalid_field", (await (await PutAsync(ana, group, 2)).ReadAsync(400)).Text("code"));
        Assert.Equal("invalid_field", (await (await PutAsync(ana, group, -1)).ReadAsync(400)).Text("code"));
        Assert.Equal("conversation_not_found", (await (await PutAsync(eve, group, 1)).ReadAsync(404)).Text("code"));
        Assert.Equal((1, 0), await MarkAsync(ana, group));
    }

    [Fact]
    public async Task MentionsAreCountedUntilTheyAreRead()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await ana.SendAsync(group, $"@{ben.Name} one");
        var second = (await ana.SendAsync(group, $"@{ben.Name} and @{ana.Name}")).Text("id");
        var third = (await ana.SendAsync(group, "nobody")).Text("id");

        Assert.Equal(2, await MentionsAsync(ben, group));
        Assert.Equal(0, await MentionsAsync(ana, group));

        await (await ana.Http.PatchAsJsonAsync($"/api/conversations/{group}/messages/{third}", new { content = $"@{ben.Name}!" })).ReadAsync(200);
        Assert.Equal(3, await MentionsAsync(ben, group));
        await (await ana.Http.DeleteAsync($"/api/conversations/{group}/messages/{second}")).ReadAsync(200);
        Assert.Equal(2, await MentionsAsync(ben, group));
        await ReadAsync(ben, group, 1);
        Assert.Equal(1, await MentionsAsync(ben, group));
        await ben.SendAsync(group, "here");
        Assert.Equal(0, await MentionsAsync(ben, group));
    }

    [Fact]
    public async Task ConversationCarriesItsNewestMessage()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        Assert.Null((await FindAsync(ana, group))["last_message"]);
        await ana.SendAsync(group, "first");
        var message = (await ana.SendAsync(group, "scond")).Text("id");
        await (await ana.Http.PatchAsJsonAsync($"/api/conversations/{group}/messages/{message}", new { content = "second" })).ReadAsync(200);

        var newest = (await FindAsync(ana, group))["last_message"]!;

        Assert.Equal(("second", 2, 3), (newest.Text("content"), newest["seq"]!.GetValue<long>(), newest["updated_seq"]!.GetValue<long>()));
    }

    private static async Task<(long Read, long Unread)> MarkAsync(Person person, string group)
    {
        var conversation = await FindAsync(person, group);
        return (conversation["last_read_seq"]!.GetValue<long>(), conversation["unread_count"]!.GetValue<long>());
    }

    private static async Task<long> MentionsAsync(Person person, string group) =>
        (await FindAsync(person, group))["unread_mentions"]!.GetValue<long>();

    private static async Task<JsonNode> FindAsync(Person person, string group) =>
        (await person.GetAsync("/api/conversations")).AsArray().Single(conversation => conversation!.Text("id") == group)!;

    private static async Task<JsonNode> ReadAsync(Person person, string group, long seq) =>
        await (await PutAsync(person, group, seq)).ReadAsync(200);

    private static Task<HttpResponseMessage> PutAsync(Person person, string group, long seq) =>
        person.Http.PutAsJsonAsync($"/api/conversations/{group}/read", new { seq });
}

public sealed class SqliteReadMarkTests(TestServer server) : ReadMarkTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresReadMarkTests(PostgresServer server) : ReadMarkTests(server), IClassFixture<PostgresServer>;
