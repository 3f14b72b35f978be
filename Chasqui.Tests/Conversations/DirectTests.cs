using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class DirectTests(TestServer server)
{
    [Fact]
    public async Task ADirectConversationHasTwoPeopleAndNoName()
    {
        using var caller = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var direct = await caller.OpenAsync("direct", [other.Id], "not read");

        Assert.Equal(
            ["id", "conversation_type", "participants", "members", "member_count", "created_at", "updated_at", "last_seq", "last_read_seq", "unread_count", "unread_mentions"],
            direct.Fields());
        Assert.Equal("direct", direct.Text("conversation_type"));
        Assert.Equal([caller.Id, other.Id], direct.Strings("participants").Order());
    }

    [Fact]
    public async Task ADirectConversationOfOneOrThreeIsRefused()
    {
        using var caller = await server.PersonAsync();
        using var other = await server.PersonAsync();
        using var third = await server.PersonAsync();
        foreach (var identifiers in new string[][] { [], [caller.Id], [other.Id, third.Id] })
        {
            var answer = await caller.PostAsync(
                "/api/conversations", new { conversation_type = "direct", participant_ids = identifiers });
            await answer.ReadProblemAsync(400, "invalid_field");
        }
    }

    [Fact]
    public async Task DirectConversationIsFoundFromEitherSide()
    {
        using var caller = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var first = await caller.OpenAsync("direct", [other.Id]);
        await caller.SendAsync(first.Text("id"), "Hello");

        var again = await caller.OpenAsync("direct", [other.Name]);
        var fromTheOther = await other.OpenAsync("direct", [caller.Id]);

        Assert.Equal(first.Text("id"), again.Text("id"));
        Assert.Equal(1, again["last_seq"]!.GetValue<long>());
        Assert.Equal(again.Text("id"), fromTheOther.Text("id"));
        Assert.Equal([caller.Id, other.Id], again.Strings("participants"));
        Assert.Equal([other.Id, caller.Id], fromTheOther.Strings("participants"));
    }

    [Fact]
    public async Task ConcurrentDirectConversationsAreOneConversation()
    {
        using var caller = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var opened = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            i % 2 == 0 ? caller.OpenAsync("direct", [other.Id]) : other.OpenAsync("direct", [caller.Id])));

        Assert.Single(opened.Select(conversation => conversation.Text("id")).Distinct());
        Assert.Single((await caller.GetAsync("/api/conversations")).AsArray());
    }
}

public sealed class SqliteDirectTests(TestServer server) : DirectTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresDirectTests(PostgresServer server) : DirectTests(server), IClassFixture<PostgresServer>;
