using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class ListTests(TestServer server)
{
    [Fact]
    public async Task MoreConversationsThanAreReadAtOnceAreAllThereAndInOrder()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var opened = new HashSet<string>();
        for (var i = 0; i < 520; i++)
        {
            opened.Add(await person.OpenGroupAsync(other));
        }

        var listed = (await person.GetAsync("/api/conversations")).AsArray();

        Assert.Equal(opened, listed.Select(conversation => conversation!.Text("id")).ToHashSet());
        Assert.Equal(opened.Count, listed.Count);
        var activity = listed.Select(conversation => conversation!.Text("updated_at")).ToArray();
        Assert.Equal(activity.OrderDescending(StringComparer.Ordinal), activity);
        Assert.All(listed, conversation => Assert.Equal([person.Id, other.Id], conversation!.Strings("participants")));
    }

    [Fact]
    public async Task PagesHoldTheWholeList()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        for (var i = 0; i < 7; i++)
        {
            await person.OpenGroupAsync();
        }

        var all = (await person.GetAsync("/api/conversations")).AsArray().Select(each => each!.Text("id")).ToList();
        var paged = new List<string>();
        while (paged.Count < 10)
        {
            var page = (await person.GetAsync($"/api/conversations?limit=3{(paged.Count == 0 ? "" : $"&before={paged[^1]}")}")).AsArray();
            paged.AddRange(page.Select(each => each!.Text("id")));
            if (page.Count < 3)
            {
                break;
            }
        }

        Assert.Equal(all, paged);
        // Of others it tells nothing, not even when they were active.
        await other.OpenGroupAsync();
        foreach (var before in new[] { all[0], "conv:none", "" })
        {
            await (await other.Http.GetAsync($"/api/conversations?before={before}")).ReadProblemAsync(404, "conversation_not_found");
        }

        foreach (var query in new[] { "limit=0", "limit=201", "limit=x" })
        {
            await (await person.Http.GetAsync($"/api/conversations?{query}")).ReadProblemAsync(400, "invalid_field");
        }
    }

    [Fact]
    public async Task UserWithoutConversationsListsNone()
    {
        using var person = await server.PersonAsync();
        Assert.Empty((await person.GetAsync("/api/conversations")).AsArray());
    }

    [Fact]
    public async Task OnlyTheCallersConversationsAreListedAsTheyWereAnswered()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        using var stranger = await server.PersonAsync();
        var answer = await person.PostAsync(
            "/api/conversations", new { conversation_type = "group", participant_ids = new[] { other.Id }, name = "Ours" });
        var opened = await answer.ReadAsync(200);
        await stranger.OpenGroupAsync();

        Assert.Equal(opened.ToJsonString(), Assert.Single((await person.GetAsync("/api/conversations")).AsArray())!.ToJsonString());
        var listed = Assert.Single((await other.GetAsync("/api/conversations")).AsArray())!;
        // The caller comes first.
        Assert.Equal([other.Id, person.Id], listed.Strings("participants"));
        listed["participants"] = new JsonArray([.. listed.Strings("participants").Reverse()]);
        listed["members"] = new JsonArray([.. listed["members"]!.AsArray().Reverse().Select(member => member!.DeepClone())]);
        Assert.Equal(opened.ToJsonString(), listed.ToJsonString());
    }

    [Fact]
    public async Task TheConversationWithTheLatestActivityComesFirst()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var groups = new[] { await person.OpenGroupAsync(), await person.OpenGroupAsync(), await person.OpenGroupAsync() };

        foreach (var group in groups)
        {
            await SpeakAsync(person, group);
            Assert.Equal(group, (await OrderAsync(person))[0]);
        }

        Assert.Equal(groups.Reverse(), await OrderAsync(person));

        await SpeakAsync(person, groups[1]);
        Assert.Equal([groups[1], groups[2], groups[0]], await OrderAsync(person));
    }

    [Fact]
    public async Task AMessageIsActivityAndRaisesLastSeq()
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        var message = await person.SendAsync(group, "Hello");

        var listed = Assert.Single((await person.GetAsync("/api/conversations")).AsArray())!;
        Assert.Equal(message.Text("created_at"), listed.Text("updated_at"));
        Assert.Equal(1, listed["last_seq"]!.GetValue<long>());
    }

    private static async Task<string[]> OrderAsync(Person person) =>
        [.. (await person.GetAsync("/api/conversations")).AsArray().Select(conversation => conversation!.Text("id"))];

    /// <summary>Sends until the message is later than everything before it by the millisecond that times are told apart by.</summary>
    private static async Task SpeakAsync(Person person, string conversation)
    {
        var latest = (await person.GetAsync("/api/conversations"))[0]!.Text("updated_at");
        while (string.CompareOrdinal((await person.SendAsync(conversation, "Hello")).Text("created_at"), latest) <= 0)
        {
        }
    }
}

public sealed class SqliteListTests(TestServer server) : ListTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresListTests(PostgresServer server) : ListTests(server), IClassFixture<PostgresServer>;
