using Chasqui.Tests.Presence;
using Chasqui.Tests.Support;
using static Chasqui.Tests.Messages.ChangeCalls;

namespace Chasqui.Tests.Messages;

/// <summary>The log of a conversation holds all kinds of events, of any age and size.</summary>
public abstract class EventLogTests(TestServer server)
{
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
        await using var late = await ana.OptInAsync();
        await late.SendAsync(new { type = "join", conversation_id = group, after = 0, request_id = "j" });
        var replayed = await ReceiveAsync(late, 121);
        Assert.Equal(Enumerable.Range(1, 121).Select(seq => (long)seq), replayed.Select(Seq));
        Assert.True((await late.ReceiveAsync("Ack"))["replayed"]!.GetValue<bool>());
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
        await using var client = await ana.OptInAsync(group);

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
}

public sealed class SqliteEventLogTests(TestServer server) : EventLogTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresEventLogTests(PostgresServer server) : EventLogTests(server), IClassFixture<PostgresServer>;
