using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

public abstract class UserTests(TestServer server)
{
    [Fact]
    public async Task MeIsTheCaller()
    {
        using var ana = await server.PersonAsync();

        var me = await ana.GetAsync("/api/me");

        Assert.Equal(["id", "username", "email", "created_at"], me.Fields());
        Assert.Equal(ana.Id, me.Text("id"));
        Assert.Equal(ana.Name, me.Text("username"));
        Assert.Equal(ana.Email, me.Text("email"));
        Rest.IsTime(me.Text("created_at"));
    }

    [Theory]
    [InlineData("zoe")]
    [InlineData("ZOE")]
    [InlineData("Zoé")]
    [InlineData("zo\u00e9")]
    [InlineData("zoe\u0301")]
    public async Task SearchMatchesNamePrefixIgnoringCaseAndAccents(string query)
    {
        // One query finds both, with and without the accent.
        var mark = Names.Next();
        using var plain = await server.PersonAsync("Zoe" + mark);
        using var accented = await server.PersonAsync("zo\u00cb" + mark + "x");
        using var other = await server.PersonAsync("Azoe" + mark);

        var found = await FindAsync(plain, query + mark);

        Assert.Equal([plain.Name, accented.Name], found.Select(user => user.Text("username")));
        Assert.All(found, user => Assert.Equal(["id", "username"], user.Fields()));
    }

    [Theory]
    [InlineData("Ἀθηνᾶ", "αθη")]
    [InlineData("Łódź", "łodz")]
    [InlineData("Ёлка", "елк")]
    [InlineData("张伟", "张")]
    [InlineData("Łukasz", "lukasz")]
    [InlineData("Søren", "soren")]
    [InlineData("Đorđe", "dorde")]
    [InlineData("Işıl", "isil")]
    [InlineData("Großmann", "grossm")]
    [InlineData("Ægir", "aegir")]
    [InlineData("Þór", "thor")]
    [InlineData("Lorenz", "łorenz")]
    [InlineData("𐐔𐐯𐑅", "𐐼𐐯")]
    public async Task NamesOfEveryScriptAreFound(string name, string query)
    {
        using var person = await server.PersonAsync(name);
        Assert.Equal([person.Id], (await FindAsync(person, query)).Select(user => user.Text("id")));
    }

    [Fact]
    public async Task NoMoreThanTheLimitAreFoundInAlphabeticalOrder()
    {
        var mark = Names.Next();
        using var first = await server.PersonAsync(mark + "x");
        using var third = await server.PersonAsync(mark + "z");
        using var second = await server.PersonAsync(mark + "y");

        var found = await FindAsync(first, mark + "&limit=2");

        Assert.Equal([first.Id, second.Id], found.Select(user => user.Text("id")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?query=")]
    [InlineData("?query=%20")]
    [InlineData("?query=%CC%81")] // an accent, and nothing below it
    [InlineData("?query=a&limit=0")]
    [InlineData("?query=a&limit=101")]
    [InlineData("?query=a&limit=many")]
    public async Task ABadQueryIsRefused(string query)
    {
        using var ana = await server.PersonAsync();
        await (await ana.Http.GetAsync("/api/users" + query)).ReadProblemAsync(400, ErrorCodes.InvalidField);
    }

    [Theory]
    [InlineData("%25")]
    [InlineData("_")]
    [InlineData("*")]
    [InlineData("a@example.org")]
    [InlineData("%F4%8F%BF%BF")]
    [InlineData("%EF%BF%BE")]
    public async Task UnmatchedSearchFindsNoUser(string query)
    {
        using var ana = await server.PersonAsync("a" + Names.Next());
        Assert.Empty(await FindAsync(ana, query));
    }

    [Theory]
    [InlineData("Grace Brewster Hopper", "grace brew", "hopp")]
    [InlineData("José-María Álvarez", "maria", "alvarez")]
    [InlineData("张伟 Zhang", "张", "zhang")]
    [InlineData("😀 Smile", "smile", "😀")]
    [InlineData("O’Neill, Zoë", "neill", "zoe")]
    public async Task DisplayNameIsShownAndFoundByItsWords(string display, params string[] queries)
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);

        var me = await (await ana.Http.PatchAsJsonAsync("/api/me", new { display_name = display })).ReadAsync(200);

        Assert.Equal(["id", "username", "display_name", "email", "created_at"], me.Fields());
        Assert.Equal(display, (await ana.GetAsync("/api/me")).Text("display_name"));
        Assert.Equal(display, (await ben.GetAsync($"/api/users/{ana.Id}")).Text("display_name"));
        foreach (var query in queries.Append(ana.Name))
        {
            var found = Assert.Single(await FindAsync(ben, $"{Uri.EscapeDataString(query)}&limit=100"), user => user.Text("id") == ana.Id);
            Assert.Equal(display, found.Text("display_name"));
        }

        var members = (await ben.GetAsync("/api/conversations")).AsArray().Single(conversation => conversation!.Text("id") == group)!["members"]!.AsArray();
        Assert.Equal(display, members.Single(member => member!.Text("id") == ana.Id)!.Text("display_name"));
        Assert.Null(members.Single(member => member!.Text("id") == ben.Id)!["display_name"]);

        await (await ana.Http.PatchAsJsonAsync("/api/me", new { display_name = "" })).ReadAsync(200);
        Assert.Equal(["id", "username"], (await ben.GetAsync($"/api/users/{ana.Id}")).Fields());
        Assert.DoesNotContain(await FindAsync(ben, $"{Uri.EscapeDataString(queries[0])}&limit=100"), user => user.Text("id") == ana.Id);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"display_name":7}""")]
    [InlineData("""{"display_name":" "}""")]
    [InlineData("""{"display_name":"\u200b"}""")]
    [InlineData("""{"display_name":"two\nlines"}""")]
    [InlineData("""{"display_name":"\u202eturned"}""")]
    [InlineData("""{"display_name":"LONG"}""")]
    public async Task BadDisplayNameIsRefused(string body)
    {
        using var ana = await server.PersonAsync();
        var json = new StringContent(body.Replace("LONG", new string('x', 65), StringComparison.Ordinal), Encoding.UTF8, "application/json");

        var problem = await (await ana.Http.PatchAsync("/api/me", json)).ReadProblemAsync(400, ErrorCodes.InvalidField);

        Assert.Contains("'display_name'", problem.Text("message"), StringComparison.Ordinal);
        Assert.Equal(["id", "username", "email", "created_at"], (await ana.GetAsync("/api/me")).Fields());
    }

    [Fact]
    public async Task LongestDisplayNameOfManyWordsIsFound()
    {
        using var ana = await server.PersonAsync();
        // Each of these characters stands for four words.
        var display = new string('\ufdfa', 64);

        await (await ana.Http.PatchAsJsonAsync("/api/me", new { display_name = display })).ReadAsync(200);

        Assert.Contains(await FindAsync(ana, "%EF%B7%BA&limit=100"), user => user.Text("id") == ana.Id);
    }

    [Fact]
    public async Task AUserIsFoundByTheirId()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();

        foreach (var id in new[] { ben.Id, ben.Id["user:".Length..] })
        {
            var user = await ana.GetAsync("/api/users/" + id);
            Assert.Equal(["id", "username"], user.Fields());
            Assert.Equal((ben.Id, ben.Name), (user.Text("id"), user.Text("username")));
        }
    }

    [Theory]
    [InlineData("0199b1e4-6c00-7d3a-8f21-3c5a9e7b1d02")]
    [InlineData("conv:0199b1e4-6c00-7d3a-8f21-3c5a9e7b1d02")]
    [InlineData("nonsense")]
    public async Task UnknownUserIdIsNotFound(string id)
    {
        using var ana = await server.PersonAsync();
        await (await ana.Http.GetAsync("/api/users/" + id)).ReadProblemAsync(404, ErrorCodes.NotFound);
    }

    private static async Task<JsonNode[]> FindAsync(Person caller, string query) =>
        [.. (await caller.GetAsync("/api/users?query=" + query)).AsArray().Select(user => user!)];
}

public sealed class SqliteUserTests(TestServer server) : UserTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresUserTests(PostgresServer server) : UserTests(server), IClassFixture<PostgresServer>;
