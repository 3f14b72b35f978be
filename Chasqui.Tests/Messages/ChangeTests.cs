using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

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
        await using var reader = await OptedInAsync(ben, group);
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
        await using var late = await ben.ConnectAsync();
        await late.SendAsync(new { type = "hello" });
        await late.ReceiveAsync("Welcome");
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
        await using var client = await OptedInAsync(ana, group);
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
    public async Task ResentMessageIsDuplicateAfterItWasEdited()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var sent = new { content = "first", client_message_id = "c" };
        var message = await (await ana.PostAsync($"/api/conversations/{group}/messages", sent)).ReadAsync(200);
        await AnswerAsync(ana, HttpMethod.Patch, group, message.Text("id"), new { content = "second" });

        var again = await (await ana.PostAsync($"/api/conversations/{group}/messages", sent)).ReadAsync(200);

        Assert.Equal((message.Text("id"), true), (again.Text("id"), again["duplicate"]!.GetValue<bool>()));
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

    [Fact]
    public async Task OffsetsCountMessagesAndNotEvents()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        for (var i = 1; i <= 20; i++)
        {
            var message = (await ana.SendAsync(group, $"{i}")).Text("id");
            for (var change = 0; change < i % 4; change++)
            {
                await AnswerAsync(ana, change % 2 == 0 ? HttpMethod.Put : HttpMethod.Delete, group, message + "/reactions/👍");
            }
        }

        var history = $"/api/conversations/{group}/messages";
        for (var offset = 0; offset < 20; offset++)
        {
            var page = (await ana.GetAsync($"{history}?offset={offset}&limit=3")).AsArray();
            Assert.Equal(
                Enumerable.Range(0, Math.Min(3, 20 - offset)).Select(place => $"{20 - offset - place}"),
                page.Select(message => message!.Text("content")));
        }

        Assert.Empty((await ana.GetAsync($"{history}?offset=20")).AsArray());
        var all = (await ana.GetAsync($"{history}?after=0&limit=200")).AsArray();
        var seqs = all.Select(message => message!["seq"]!.GetValue<long>()).ToList();
        Assert.Equal(20, seqs.Count);
        for (var seq = 1L; seq <= seqs[^1] + 1; seq++)
        {
            Assert.Equal(seqs.Where(each => each < seq).Reverse().Take(2), await SeqsAsync(ana, $"{history}?before={seq}&limit=2"));
            Assert.Equal(seqs.Where(each => each > seq).Take(2), await SeqsAsync(ana, $"{history}?after={seq}&limit=2"));
        }
    }

    /// <summary>SQLite moves older messages to another table, and keeps the newest of them in memory.</summary>
    [Fact]
    public async Task MessagesOfAnyAgeChange()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var ids = new List<string>();
        for (var i = 0; i < 180; i++)
        {
            ids.Add((await ana.SendAsync(group, $"{i} " + new string('x', 9_000))).Text("id"));
        }

        foreach (var id in ids)
        {
            Assert.Equal("ReactionAdded", (await AnswerAsync(ana, HttpMethod.Put, group, id + "/reactions/👍")).Text("type"));
            Assert.Equal("MessageEdited", (await AnswerAsync(ana, HttpMethod.Patch, group, id, new { content = "short" })).Text("type"));
        }

        foreach (var id in ids)
        {
            Assert.Equal("MessageDeleted", (await AnswerAsync(ana, HttpMethod.Delete, group, id)).Text("type"));
        }
    }

    [Fact]
    public async Task ManyLongEditsAreReplayedAndReadInParts()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var id = (await ana.SendAsync(group, "0")).Text("id");
        for (var i = 1; i <= 120; i++)
        {
            await AnswerAsync(ana, HttpMethod.Patch, group, id, new { content = i + new string('字', 9_990) });
        }

        var part = await ana.Http.GetStringAsync($"/api/conversations/{group}/events?limit=200");
        Assert.InRange(part.Length, 10_000, 600_000);
        await using var late = await ana.ConnectAsync();
        await late.SendAsync(new { type = "hello" });
        await late.ReceiveAsync("Welcome");
        await late.SendAsync(new { type = "join", conversation_id = group, after = 0, request_id = "j" });
        var replayed = await ReceiveAsync(late, 121);
        Assert.Equal(Enumerable.Range(1, 121).Select(seq => (long)seq), replayed.Select(Seq));
        Assert.True((await late.ReceiveAsync("Ack"))["replayed"]!.GetValue<bool>());
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
    public async Task ReactionDoesNotMoveTheConversationInTheList()
    {
        using var ana = await server.PersonAsync();
        var (first, second) = (await ana.OpenGroupAsync(), await ana.OpenGroupAsync());
        var message = (await ana.SendAsync(first, "hi")).Text("id");
        await ana.SendAsync(second, "hi");

        await AnswerAsync(ana, HttpMethod.Put, first, message + "/reactions/👍");

        Assert.Equal([second, first], (await ana.GetAsync("/api/conversations")).AsArray().Select(conversation => conversation!.Text("id")));
    }

    [Fact]
    public async Task MembersComeAndGoInTheLog()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await OptedInAsync(ana, group);

        await (await ana.PostAsync($"/api/conversations/{group}/participants", new { identifier = ben.Id })).ReadAsync(200);
        await (await ben.Http.DeleteAsync($"/api/conversations/{group}/participants/{ben.Id}")).ReadAsync(200);

        var received = await ReceiveAsync(client, 2);
        var added = received[0];
        Assert.Equal(("MemberAdded", 1, ben.Name, ana.Id), (added.Text("type"), Seq(added), added["member"]!.Text("username"), added.Text("added_by")));
        var removed = received[1];
        Assert.Equal(("MemberRemoved", 2, ben.Id, ben.Id), (removed.Text("type"), Seq(removed), removed.Text("user_id"), removed.Text("removed_by")));
        Assert.Equal(1, Seq((await ana.GetAsync($"/api/conversations/{group}/events?limit=1"))[0]!));
        Assert.Equal(3, (await ana.SendAsync(group, "alone"))["seq"]!.GetValue<long>());
    }

    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<RawClient> OptedInAsync(Person person, string conversation)
    {
        var client = await person.ConnectAsync();
        await client.SendAsync(new { type = "hello" });
        await client.ReceiveAsync("Welcome");
        await client.JoinAsync(conversation);
        return client;
    }

    /// <summary>The next events, but for those that tell of conversations.</summary>
    private static async Task<List<JsonObject>> ReceiveAsync(RawClient client, int count)
    {
        var received = new List<JsonObject>();
        while (received.Count < count)
        {
            var next = await client.ReceiveAsync();
            if (!next.Text("type").StartsWith("Conversation", StringComparison.Ordinal))
            {
                received.Add(next);
            }
        }

        return received;
    }

    private static long Seq(JsonNode received) => (received["seq"] ?? received["message"]!["seq"])!.GetValue<long>();

    private static async Task<IEnumerable<long>> SeqsAsync(Person person, string path) =>
        (await person.GetAsync(path)).AsArray().Select(message => message!["seq"]!.GetValue<long>());

    private static async Task<JsonNode> AnswerAsync(Person person, HttpMethod method, string group, string path, object? body = null) =>
        await (await SendAsync(person, method, group, path, body)).ReadAsync(200);

    private static async Task RefusedAsync(
        Person person, HttpMethod method, string group, string path, object? body, int status, string code) =>
        Assert.Equal(code, (await (await SendAsync(person, method, group, path, body)).ReadAsync(status)).Text("code"));

    private static Task<HttpResponseMessage> SendAsync(Person person, HttpMethod method, string group, string path, object? body) =>
        person.Http.SendAsync(new HttpRequestMessage(method, $"/api/conversations/{group}/messages/{path}".TrimEnd('/'))
        {
            Content = body is null ? null : JsonContent.Create(body),
        });
}

public sealed class SqliteChangeTests(TestServer server) : ChangeTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresChangeTests(PostgresServer server) : ChangeTests(server), IClassFixture<PostgresServer>;
