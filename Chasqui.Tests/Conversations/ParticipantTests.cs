using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class ParticipantTests(TestServer server)
{
    [Fact]
    public async Task AddedMemberReadsEarlierMessages()
    {
        using var caller = await server.PersonAsync();
        using var added = await server.PersonAsync();
        var group = await caller.OpenGroupAsync();
        await caller.SendAsync(group, "Before you came");

        var answer = await (await AddAsync(caller, group, added.Name)).ReadAsync(200);

        Assert.Equal("""{"status":"success"}""", answer.ToJsonString());
        Assert.Equal([caller.Id, added.Id], await ParticipantsAsync(caller));
        Assert.Equal("Before you came", (await added.GetAsync($"/api/conversations/{group}/messages"))[0]!.Text("content"));
        await added.SendAsync(group, "Thank you");
    }

    [Fact]
    public async Task EveryMemberCanAddByAnyIdentifier()
    {
        using var owner = await server.PersonAsync();
        using var member = await server.PersonAsync();
        var group = await owner.OpenGroupAsync(member);
        foreach (var identify in new Func<Person, string>[] { p => p.Id, p => p.Id["user:".Length..], p => p.Name, p => p.Email })
        {
            using var added = await server.PersonAsync();
            await (await AddAsync(member, group, identify(added))).ReadAsync(200);
            Assert.Contains(added.Id, await ParticipantsAsync(owner));
        }
    }

    [Fact]
    public async Task AddingAMemberTwiceIsNoErrorAndChangesNothing()
    {
        using var caller = await server.PersonAsync();
        using var added = await server.PersonAsync();
        var group = await caller.OpenGroupAsync();
        await (await AddAsync(caller, group, added.Id)).ReadAsync(200);
        var before = (await caller.GetAsync("/api/conversations")).ToJsonString();

        foreach (var identifier in new[] { added.Id, added.Name, caller.Id })
        {
            var answer = await (await AddAsync(caller, group, identifier)).ReadAsync(200);
            Assert.Equal("success", answer.Text("status"));
        }

        Assert.Equal(before, (await caller.GetAsync("/api/conversations")).ToJsonString());
    }

    [Fact]
    public async Task ADirectConversationTakesNoThirdPerson()
    {
        using var caller = await server.PersonAsync();
        using var other = await server.PersonAsync();
        using var third = await server.PersonAsync();
        var answer = await caller.PostAsync(
            "/api/conversations", new { conversation_type = "direct", participant_ids = new[] { other.Id } });
        var direct = (await answer.ReadAsync(200)).Text("id");

        await (await AddAsync(caller, direct, third.Id)).ReadProblemAsync(400, "direct_conversation");
        await (await AddAsync(caller, direct, other.Id)).ReadAsync(200);
        Assert.Empty((await third.GetAsync("/api/conversations")).AsArray());
    }

    [Theory]
    [InlineData("nobodyhasthisname")]
    [InlineData("user:0195f000-0000-7000-8000-000000000000")]
    public async Task UnknownIdentifierIsNamedInRefusal(string identifier)
    {
        using var caller = await server.PersonAsync();
        var problem = await (await AddAsync(caller, await caller.OpenGroupAsync(), identifier)).ReadProblemAsync(400, "user_not_found");
        Assert.Contains(identifier, problem.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"identifier":null}""")]
    [InlineData("""{"identifier":" "}""")]
    [InlineData("""{"identifier":7}""")]
    public async Task WithoutAnIdentifierNobodyIsAdded(string body)
    {
        using var caller = await server.PersonAsync();
        var group = await caller.OpenGroupAsync();
        var problem = await (await caller.Http.PostAsync($"/api/conversations/{group}/participants", Rest.Json(body)))
            .ReadProblemAsync(400, "invalid_field");
        Assert.Contains("'identifier'", problem.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneCallAddsManyAndEveryMemberIsToldOnce()
    {
        using var owner = await server.PersonAsync();
        using var member = await server.PersonAsync();
        var group = await owner.OpenGroupAsync(member);
        var added = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.PersonAsync()));
        await using var told = await member.ConnectAsync();
        await told.SendAsync(new { type = "hello" });
        await told.ReceiveAsync("Welcome");

        await (await AddManyAsync(owner, group, [.. added.Select(person => person.Name), member.Email])).ReadAsync(200);

        var update = await told.ReceiveAsync("ConversationUpdated");
        Assert.Equal(52, update["conversation"]!.Strings("participants").Length);
        await told.PingAsync();
        Assert.Equal(52, (await ParticipantsAsync(added[^1])).Length);
        foreach (var person in added)
        {
            person.Dispose();
        }
    }

    [Fact]
    public async Task AllOrNoneOfTheNamedAreAdded()
    {
        using var owner = await server.PersonAsync();
        using var added = await server.PersonAsync();
        var group = await owner.OpenGroupAsync();

        var problem = await (await AddManyAsync(owner, group, [added.Name, "nobodyhasthisname"])).ReadProblemAsync(400, "user_not_found");

        Assert.Contains("nobodyhasthisname", problem.Text("message"), StringComparison.Ordinal);
        Assert.Equal([owner.Id], await ParticipantsAsync(owner));
    }

    [Theory]
    [InlineData("""{"identifiers":[]}""")]
    [InlineData("""{"identifiers":[" "]}""")]
    [InlineData("""{"identifiers":[null]}""")]
    [InlineData("""{"identifiers":"x"}""")]
    [InlineData("""{"identifier":"x","identifiers":["x"]}""")]
    public async Task UnclearIdentifiersAreRefused(string body)
    {
        using var owner = await server.PersonAsync();
        var group = await owner.OpenGroupAsync();
        var problem = await (await owner.Http.PostAsync($"/api/conversations/{group}/participants", Rest.Json(body)))
            .ReadProblemAsync(400, "invalid_field");
        Assert.Contains("identifiers", problem.Text("message"), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> AddManyAsync(Person caller, string conversation, string[] identifiers) =>
        caller.PostAsync($"/api/conversations/{conversation}/participants", new { identifiers });

    private static async Task<string[]> ParticipantsAsync(Person member) =>
        (await member.GetAsync("/api/conversations"))[0]!.Strings("participants");

    private static Task<HttpResponseMessage> AddAsync(Person caller, string conversation, string identifier) =>
        caller.PostAsync($"/api/conversations/{conversation}/participants", new JsonObject { ["identifier"] = identifier });
}

public sealed class SqliteParticipantTests(TestServer server) : ParticipantTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresParticipantTests(PostgresServer server) : ParticipantTests(server), IClassFixture<PostgresServer>;
