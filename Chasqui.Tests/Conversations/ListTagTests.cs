using System.Net;
using System.Net.Http.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

/// <summary>The <c>ETag</c> of the list.</summary>
public abstract class ListTagTests(TestServer server)
{
    [Fact]
    public async Task ListOf300IsNotSentAgain()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        for (var i = 0; i < 300; i++)
        {
            await ana.OpenGroupAsync(ben);
        }

        var tag = await TagAsync(ana);
        using var known = await AskAsync(ana, tag);

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(tag, known.Headers.ETag!.ToString());
        Assert.Equal("", await known.Content.ReadAsStringAsync());
        foreach (var match in new[] { "W/" + tag, $"\"other\", {tag}", "*" })
        {
            Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(ana, match)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(ana, "\"other\"")).StatusCode);
        Assert.NotEqual(tag, await TagAsync(ana, "?limit=199"));
        Assert.NotEqual(tag, await TagAsync(ben));
    }

    [Fact]
    public async Task LongListIsWholeAndHasNoTag()
    {
        using var ana = await server.PersonAsync();
        for (var i = 0; i < 120; i++)
        {
            await ana.SendAsync(await ana.OpenGroupAsync(), new string('x', 10_000));
        }

        using var answer = await ana.Http.GetAsync("/api/conversations");

        Assert.Equal(120, (await answer.ReadAsync(200)).AsArray().Count);
        Assert.Null(answer.Headers.ETag);
    }

    [Fact]
    public async Task EveryShownChangeChangesTheTag()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var carol = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var path = $"/api/conversations/{group}";
        Func<Task<HttpResponseMessage>>[] changes =
        [
            () => ben.PostAsync($"{path}/messages", new { content = "Hi" }),
            () => ben.Http.PatchAsJsonAsync(path, new { name = "Ours" }),
            () => ben.Http.PatchAsJsonAsync("/api/me", new { display_name = "Ben the Baker" }),
            () => ana.PostAsync($"{path}/participants", new { identifier = carol.Id }),
            () => ana.Http.DeleteAsync($"{path}/participants/{carol.Id}"),
            () => ben.PostAsync("/api/conversations", new { conversation_type = "direct", participant_ids = new[] { ana.Id } }),
            () => ana.Http.DeleteAsync($"{path}/participants/{ana.Id}"),
        ];
        var tag = await TagAsync(ana);

        foreach (var change in changes)
        {
            await (await change()).ReadAsync(200);

            using var changed = await AskAsync(ana, tag);
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            Assert.NotEqual(tag, changed.Headers.ETag!.ToString());
            tag = changed.Headers.ETag!.ToString();
        }
    }

    [Fact]
    public async Task PageOfAnotherOriginReadsTheTag()
    {
        using var ana = await server.PersonAsync();
        ana.Http.DefaultRequestHeaders.Add("Origin", "http://localhost:3000");

        using var answer = await ana.Http.GetAsync("/api/conversations");

        Assert.Equal(["ETag"], answer.Headers.GetValues("Access-Control-Expose-Headers"));
    }

    private static async Task<string> TagAsync(Person person, string query = "")
    {
        using var answer = await person.Http.GetAsync($"/api/conversations{query}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.ETag!.ToString();
    }

    private static async Task<HttpResponseMessage> AskAsync(Person person, string tags)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/conversations");
        request.Headers.Add("If-None-Match", tags);
        return await person.Http.SendAsync(request);
    }
}

public sealed class SqliteListTagTests(TestServer server) : ListTagTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresListTagTests(PostgresServer server) : ListTagTests(server), IClassFixture<PostgresServer>;
