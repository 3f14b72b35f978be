using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class MemberPageTests(TestServer server)
{
    [Fact]
    public async Task MembersHaveNamesAndRoles()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await (await ben.Http.PatchAsync("/api/me", Rest.Json("""{"display_name":"Ben the Baker"}"""))).ReadAsync(200);

        var members = (await ben.GetAsync($"/api/conversations/{group}/members")).AsArray();

        Assert.Equal(new[] { ana.Id, ben.Id }.Order(StringComparer.Ordinal), members.Select(member => member!.Text("id")));
        var owner = members.Single(member => member!.Text("id") == ana.Id)!;
        var other = members.Single(member => member!.Text("id") == ben.Id)!;
        Assert.Equal(["id", "username", "role", "last_read_seq"], owner.Fields());
        Assert.Equal((ana.Name, "owner"), (owner.Text("username"), owner.Text("role")));
        Assert.Equal(("Ben the Baker", "member"), (other.Text("display_name"), other.Text("role")));
    }

    [Fact]
    public async Task DirectConversationKeepsDeletedMember()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var direct = (await ana.OpenAsync("direct", [ben.Id])).Text("id");
        await ben.DeleteAccountAsync();

        var members = (await ana.GetAsync($"/api/conversations/{direct}/members")).AsArray();
        var first = (await ana.GetAsync($"/api/conversations/{direct}/members?limit=1")).AsArray();
        var second = (await ana.GetAsync($"/api/conversations/{direct}/members?after={first[0]!.Text("id")}")).AsArray();

        Assert.Equal(new[] { ana.Id, ben.Id }.Order(StringComparer.Ordinal), members.Select(member => member!.Text("id")));
        Assert.Equal(
            members.Select(member => member!.ToJsonString()), first.Concat(second).Select(member => member!.ToJsonString()));
        Assert.True(members.Single(member => member!.Text("id") == ben.Id)!["deleted"]!.GetValue<bool>());
        Assert.Equal(2, Assert.Single((await ana.GetAsync("/api/conversations")).AsArray())!["member_count"]!.GetValue<int>());
    }

    [Fact]
    public async Task WrongPagesAndStrangersAreRefused()
    {
        using var ana = await server.PersonAsync();
        using var stranger = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();

        foreach (var query in new[] { "limit=0", "limit=201", "limit=x", "after=", "after=nobody", $"after={group}" })
        {
            await (await ana.Http.GetAsync($"/api/conversations/{group}/members?{query}")).ReadProblemAsync(400, "invalid_field");
        }

        foreach (var id in new[] { group, "conv:none", $"conv:{Guid.CreateVersion7()}" })
        {
            var refused = await stranger.Http.GetAsync($"/api/conversations/{id}/members");
            await refused.ReadProblemAsync(404, "conversation_not_found");
        }
    }
}

public sealed class SqliteMemberPageTests(TestServer server) : MemberPageTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresMemberPageTests(PostgresServer server) : MemberPageTests(server), IClassFixture<PostgresServer>;
