using System.Text.Json.Nodes;
using Chasqui.Tests.Presence;
using Chasqui.Tests.Support;
using static Chasqui.Tests.Messages.ChangeCalls;

namespace Chasqui.Tests.Messages;

/// <summary>Messages are edited and deleted, and members react to them: events of the same log.</summary>
public abstract class ChangeTests(TestServer server)
{
    [Fact]
    public async Task ChangesReachJoinedClientsAndReplaysInSeqOrder()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await using var reader = await ben.OptInAsync(group);
        var first = await ana.SendAsync(group, "frist");
        var message = first.Text("id");

        await AnswerAsync(ana, HttpMethod.Patch, group, message, new { content = "first" });
        await AnswerAsync(ben, HttpMethod.Put, group, message + "/reactions/👍");
        await AnswerAsync(ana, HttpMethod.Put, group, message + "/reactions/👍");
        await AnswerAsync(ben, HttpMethod.Delete, group, message + "/reactions/👍");

        string[] types = ["NewMessage", "MessageEdited", "ReactionAdded", "ReactionAdded", "ReactionRemoved"];
        var live = await ReceiveAsync(reader, types.Length);
        Assert.Equal(types, live.Select(received => received.Text("type")));
        Assert.Equal([1, 2, 3, 4, 5], live.Select(Seq));
        Assert.Equal("first", live[1].Text("content"));
        Assert.Equal(ben.Id, live[2].Text("user_id"));

        var shown = (await ben.GetAsync($"/api/conversations/{group}/messages"))[0]!;
        Assert.Equal("first", shown.Text("content"));
        Assert.Equal(5, shown["updated_seq"]!.GetValue<long>());
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse($$"""[{"emoji":"👍","count":1,"user_ids":["{{ana.Id}}"]}]"""), shown["reactions"]));

        // A replay has the present content, and the same events.
        await using var late = await ben.OptInAsync();
        await late.SendAsync(new { type = "join", conversation_id = group, after = 0, request_id = "j" });
        var replayed = await ReceiveAsync(late, types.Length);
        Assert.Equal(types, replayed.Select(received => received.Text("type")));
        Assert.Equal(shown.ToJsonString(), replayed[0]["message"]!.ToJsonString());
        Assert.Equal(live[1..].Select(received => received.ToJsonString()), replayed[1..].Select(received => received.ToJsonString()));
        var events = (await ben.GetAsync($"/api/conversations/{group}/events")).AsArray();
        Assert.Equal(replayed.Select(received => received.ToJsonString()), events.Select(received => received!.ToJsonString()));
    }

    [Fact]
    public async Task DeletedMessageLeavesNothingButItsPlace()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var message = (await ben.SendAsync(group, "a secret")).Text("id");
        await AnswerAsync(ben, HttpMethod.Patch, group, message, new { content = "another secret" });
        await AnswerAsync(ana, HttpMethod.Put, group, message + "/reactions/🎉");

        // The owner of the group.
        Assert.Equal("MessageDeleted", (await AnswerAsync(ana, HttpMethod.Delete, group, message)).Text("type"));
        Assert.Equal("""{"duplicate":true}""", (await AnswerAsync(ben, HttpMethod.Delete, group, message)).ToJsonString());

        var events = await ben.GetAsync($"/api/conversations/{group}/events");
        Assert.DoesNotContain("secret", events.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("🎉", events.AsArray().Select(stored => (string?)stored!["emoji"]));
        var left = (await ben.GetAsync($"/api/conversations/{group}/messages"))[0]!;
        Assert.Equal("", left.Text("content"));
        Assert.NotNull(left["deleted_at"]);
        Assert.Null(left["reactions"]);
        await RefusedAsync(ben, HttpMethod.Patch, group, message, new { content = "again" }, 404, "message_not_found");
        await RefusedAsync(ben, HttpMethod.Put, group, message + "/reactions/🎉", null, 404, "message_not_found");
    }

    [Fact]
    public async Task RepeatedOperationCausesNoEvent()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.OptInAsync(group);
        var message = (await ana.SendAsync(group, "one")).Text("id");
        await client.ReceiveAsync("NewMessage");
        object[] frames =
        [
            new { type = "edit", conversation_id = group, message_id = message, content = "two", request_id = "r" },
            new { type = "react", conversation_id = group, message_id = message, emoji = "👍", request_id = "r" },
            new { type = "unreact", conversation_id = group, message_id = message, emoji = "👍", request_id = "r" },
            new { type = "delete", conversation_id = group, message_id = message, request_id = "r" },
        ];
        for (var i = 0; i < frames.Length; i++)
        {
            await client.SendAsync(frames[i]);
            var both = await ReceiveAsync(client, 2);
            var ack = both.Single(received => received.Text("type") == "Ack");
            Assert.Equal((i + 2, false), (Seq(ack), ack["duplicate"]!.GetValue<bool>()));

            await client.SendAsync(frames[i]);
            Assert.True((await client.ReceiveAsync("Ack"))["duplicate"]!.GetValue<bool>());
        }

        Assert.Equal(5, (await ana.GetAsync($"/api/conversations/{group}/events")).AsArray().Count);
    }

    [Fact]
    public async Task RepeatedSendIsAnsweredWithTheMessageAsItIs()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var path = $"/api/conversations/{group}/messages";
        var id = (await (await ana.PostAsync(path, new { content = "frist", client_message_id = "1" })).ReadAsync(200)).Text("id");
        await AnswerAsync(ana, HttpMethod.Patch, group, id, new { content = "first" });

        var again = await (await ana.PostAsync(path, new { content = "frist", client_message_id = "1" })).ReadAsync(200);

        Assert.Equal(("first", id, true), (again.Text("content"), again.Text("id"), again["duplicate"]!.GetValue<bool>()));
        Assert.NotNull(again["edited_at"]);
        await AnswerAsync(ana, HttpMethod.Delete, group, id);
        var deleted = await (await ana.PostAsync(path, new { content = $"@{ana.Name}", client_message_id = "1" })).ReadAsync(200);
        Assert.NotNull(deleted["deleted_at"]);
        Assert.Null(deleted["mentions"]);
    }

    [Fact]
    public async Task OnlySenderEditsAndOnlySenderOrOwnerDeletes()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var eve = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var other = await ana.OpenGroupAsync(ben);
        var message = (await ana.SendAsync(group, "mine")).Text("id");

        await RefusedAsync(ben, HttpMethod.Patch, group, message, new { content = "yours" }, 403, "forbidden");
        await RefusedAsync(ben, HttpMethod.Delete, group, message, null, 403, "forbidden");
        await RefusedAsync(eve, HttpMethod.Delete, group, message, null, 404, "conversation_not_found");
        await RefusedAsync(eve, HttpMethod.Put, group, message + "/reactions/👍", null, 404, "conversation_not_found");
        await RefusedAsync(ana, HttpMethod.Patch, other, message, new { content = "elsewhere" }, 404, "message_not_found");
        await RefusedAsync(ana, HttpMethod.Delete, group, $"msg:{Guid.CreateVersion7()}", null, 404, "message_not_found");
        await RefusedAsync(ana, HttpMethod.Delete, group, "msg:nothing", null, 404, "message_not_found");
        await RefusedAsync(ana, HttpMethod.Patch, group, message, new { content = " " }, 400, "content_blank");
    }

    [Theory]
    [InlineData("👍", true)]
    [InlineData("👍🏽", true)]
    [InlineData("👩‍👩‍👧", true)]
    [InlineData("❤️", true)]
    [InlineData("✅", true)]
    [InlineData("1️⃣", true)]
    [InlineData("🇵🇪", true)]
    [InlineData("❤", false)]
    [InlineData("1", false)]
    [InlineData("a", false)]
    [InlineData("👍👍", false)]
    [InlineData("👩‍👩‍👧‍👦👩", false)]
    [InlineData("🏴󠁧󠁢󠁥󠁮󠁧󠁿", true)]
    [InlineData("☝🏽", true)]
    [InlineData("🏳️‍🌈", true)]
    [InlineData("🌡️", true)]
    [InlineData("🫩", true)]
    [InlineData("🌡", false)]
    [InlineData("⌚\uFE0E", false)]
    [InlineData("👍\u0301", false)]
    [InlineData("🇵", false)]
    [InlineData("-\uFE0F", false)]
    [InlineData("!\uFE0F", false)]
    [InlineData("1\uFE0F", false)]
    [InlineData("🀀", false)]
    public async Task ReactionIsOneEmoji(string emoji, bool isOne)
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var message = (await ana.SendAsync(group, "mine")).Text("id");
        var path = message + "/reactions/" + Uri.EscapeDataString(emoji);

        if (isOne)
        {
            Assert.Equal(emoji, (await AnswerAsync(ana, HttpMethod.Put, group, path)).Text("emoji"));
        }
        else
        {
            await RefusedAsync(ana, HttpMethod.Put, group, path, null, 400, "invalid_field");
        }
    }

    [Fact]
    public async Task ClientWithoutHelloSeesNoneOfIt()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await using var old = await ben.ConnectAsync();
        await old.JoinAsync(group);
        var first = await ana.SendAsync(group, "first");
        var message = first.Text("id");
        await AnswerAsync(ana, HttpMethod.Patch, group, message, new { content = "edited" });
        await AnswerAsync(ana, HttpMethod.Put, group, message + "/reactions/👍");
        await (await ana.PostAsync($"/api/conversations/{group}/messages", new { content = $"@{ben.Name}", reply_to = message })).ReadAsync(200);

        var received = await ReceiveAsync(old, 2);
        Assert.Equal(["first", $"@{ben.Name}"], received.Select(each => each["message"]!.Text("content")));
        string[] documented = ["id", "conversation_id", "sender_id", "content", "message_type", "created_at", "seq"];
        Assert.All(received, each => Assert.Equal(documented, each["message"]!.Fields()));
        await old.SendAsync(new { type = "join", conversation_id = group, after = 0, request_id = "again" });
        Assert.All(await ReceiveAsync(old, 2), each => Assert.Equal(documented, each["message"]!.Fields()));
        Assert.Equal(4, Seq(await old.ReceiveAsync("Ack")));
    }

    [Fact]
    public async Task ReplyAndMentionsAreKept()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var eve = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var first = await ana.SendAsync(group, "first");

        var reply = await (await ben.PostAsync(
            $"/api/conversations/{group}/messages",
            new
            {
                content = $"@{ana.Name.ToUpperInvariant()}, @{eve.Name} and @{ben.Name}! not x@{ben.Name} nor @{ana.Name}x",
                reply_to = first.Text("id"),
            })).ReadAsync(200);

        Assert.Equal([ana.Id, ben.Id], reply.Strings("mentions"));
        Assert.Equal($$"""{"id":"{{first.Text("id")}}","seq":1}""", reply["reply_to"]!.ToJsonString());
        Assert.Equal(
            reply.ToJsonString(), (await ana.GetAsync($"/api/conversations/{group}/messages"))[0]!.ToJsonString());
        await RefusedAsync(
            ana, HttpMethod.Post, group, "", new { content = "x", reply_to = $"msg:{Guid.CreateVersion7()}" }, 404, "message_not_found");
    }
}

public sealed class SqliteChangeTests(TestServer server) : ChangeTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresChangeTests(PostgresServer server) : ChangeTests(server), IClassFixture<PostgresServer>;
