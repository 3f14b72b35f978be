using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class AccessTests(TestServer server)
{
    private const string Nowhere = "conv:0195f000-0000-7000-8000-000000000000";

    public static TheoryData<string, string, string?> Calls => new()
    {
        { "GET", "messages", null },
        { "GET", "messages?after=0", null },
        { "GET", "messages?before=5", null },
        { "POST", "messages", """{"content":"Let me in"}""" },
        { "POST", "messages", """{"content":"Let me in","client_message_id":"1"}""" },
        { "POST", "participants", """{"identifier":"STRANGER"}""" },
        { "POST", "participants", """{"identifier":"nobodyhasthisname"}""" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task OutsiderGetsAnswerOfUnknownConversation(string method, string what, string? body)
    {
        using var member = await server.PersonAsync();
        using var stranger = await server.PersonAsync();
        var group = await member.OpenGroupAsync();

        var refused = await CallAsync(stranger, method, $"/api/conversations/{group}/{what}", body);
        var missing = await CallAsync(stranger, method, $"/api/conversations/{Nowhere}/{what}", body);
        var malformed = await CallAsync(stranger, method, $"/api/conversations/nonsense/{what}", body);

        await refused.ReadProblemAsync(404, "conversation_not_found");
        Assert.Equal(await missing.Content.ReadAsStringAsync(), await refused.Content.ReadAsStringAsync());
        Assert.Equal(await missing.Content.ReadAsStringAsync(), await malformed.Content.ReadAsStringAsync());
        Assert.Empty((await member.GetAsync($"/api/conversations/{group}/messages")).AsArray());
        Assert.Empty((await stranger.GetAsync("/api/conversations")).AsArray());
    }

    [Theory]
    [InlineData("conv:", false)]
    [InlineData("conversation:", false)]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("conv%3A", false)]
    public async Task ConversationIdIsAcceptedInEveryForm(string prefix, bool upperCase)
    {
        using var member = await server.PersonAsync();
        using var added = await server.PersonAsync();
        var group = await member.OpenGroupAsync();
        var uuid = group["conv:".Length..];
        var path = $"/api/conversations/{prefix}{(upperCase ? uuid.ToUpperInvariant() : uuid)}";

        var sent = await (await member.PostAsync($"{path}/messages", new { content = "Hello" })).ReadAsync(200);
        Assert.Equal(group, sent.Text("conversation_id"));
        Assert.Equal(sent.ToJsonString(), (await member.GetAsync($"{path}/messages"))[0]!.ToJsonString());
        await (await member.PostAsync($"{path}/participants", new { identifier = added.Id })).ReadAsync(200);
    }

    [Theory]
    [InlineData("user:0195f000-0000-7000-8000-000000000000")]
    [InlineData("conv:conv:0195f000-0000-7000-8000-000000000000")]
    [InlineData("conv:0195f00000007000800000000000000")]
    [InlineData("%FF%FE")]
    [InlineData("%EF%BF%BE")]
    public async Task InvalidConversationIdIsNotFound(string id)
    {
        using var person = await server.PersonAsync();
        await (await person.Http.GetAsync($"/api/conversations/{id}/messages")).ReadProblemAsync(404, "conversation_not_found");
    }

    private static async Task<HttpResponseMessage> CallAsync(Person person, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = body is null ? null : Rest.Json(body.Replace("STRANGER", person.Name, StringComparison.Ordinal)),
        };
        return await person.Http.SendAsync(request);
    }
}

public sealed class SqliteAccessTests(TestServer server) : AccessTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresAccessTests(PostgresServer server) : AccessTests(server), IClassFixture<PostgresServer>;
