using System.Net;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.SignalR;

public sealed class HubRefusalTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Send = nameof(IChatHub.SendMessage);
    private const string Join = nameof(IChatHub.Join);
    private const string Nowhere = "conv:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

    [Theory]
    [InlineData(nameof(IChatHub.Join))]
    [InlineData(nameof(IChatHub.SendMessage))]
    public async Task ForeignConversationIsRefusedLikeUnknownConversation(string method)
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await HubClient.ConnectAsync(server, ben.Token);

        var others = await client.RefusalAsync(method, new { conversation_id = group, content = "hi" });
        var nowhere = await client.RefusalAsync(method, new { conversation_id = Nowhere, content = "hi" });

        Assert.Equal(new Error { Code = ErrorCodes.ConversationNotFound, Message = "Conversation not found" }, others);
        Assert.Equal(others, nowhere);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t\n\u00a0\u2003")]
    public async Task BlankContentIsRefused(string content)
    {
        var (client, group) = await InGroupAsync();
        await using var _ = client;
        Assert.Equal(
            new Error { Code = ErrorCodes.ContentBlank, Message = "The content must not be blank" },
            await client.RefusalAsync(Send, new { conversation_id = group, content }));
    }

    [Fact]
    public async Task ContentOverTheLimitIsRefusedAndContentAtItIsTaken()
    {
        var (client, group) = await InGroupAsync();
        await using var _ = client;
        var longest = string.Concat(Enumerable.Repeat("😀", ChatLimits.MaxContentCharacters));

        Assert.Equal(1, (await client.SendAsync(group, longest)).Seq);
        Assert.Equal(
            ErrorCodes.ContentTooLong,
            (await client.RefusalAsync(Send, new { conversation_id = group, content = longest + "x" })).Code);
    }

    public static TheoryData<string, string, string> Arguments => new()
    {
        { Send, $$"""{"conversation_id":"{{Nowhere}}"}""", "The field 'content' is missing" },
        { Send, """{"content":"hi"}""", "The field 'conversation_id' is missing" },
        { Send, """{}""", "The field" },
        { Send, $$"""{"conversation_id":"{{Nowhere}}","content":7}""", "The field 'content' has the wrong type or form" },
        { Send, $$"""{"conversation_id":"{{Nowhere}}","content":null}""", "The field 'content' must be a string" },
        { Send, $$"""{"conversation_id":"{{Nowhere}}","content":"x","client_message_id":1}""", "The field 'client_message_id'" },
        { Send, $$"""{"conversation_id":"{{Nowhere}}","content":"x","client_message_id":""}""", "The field 'client_message_id'" },
        { Send, $$"""{"conversation_id":"{{Nowhere}}","content":"x","request_id":""}""", "The field 'request_id'" },
        { Send, $$"""{"conversation_id":"{{Nowhere}}","content":"x","request_id":[]}""", "The field 'request_id'" },
        { Join, """{"conversation_id":"conv:42"}""", "The field 'conversation_id' has the wrong type or form" },
        { Join, """{"conversation_id":"user:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"}""", "The field 'conversation_id'" },
        { Join, """{"conversation_id":null}""", "The field 'conversation_id'" },
        { Join, $$"""{"conversation_id":"{{Nowhere}}","after":"40"}""", "The field 'after'" },
        { Join, $$"""{"conversation_id":"{{Nowhere}}","after":-1}""", "The field 'after' must be a whole number from 0" },
        { Join, $$"""{"conversation_id":"{{Nowhere}}","after":1e400}""", "The field 'after'" },
    };

    [Theory]
    [MemberData(nameof(Arguments))]
    public async Task ABadFieldIsRefusedByItsNameAndTheConnectionLivesOn(string method, string argument, string sentence)
    {
        var (client, group) = await InGroupAsync();
        await using var _ = client;

        var error = await client.RefusalAsync(method, JsonNode.Parse(argument));

        Assert.Equal(ErrorCodes.InvalidField, error.Code);
        Assert.StartsWith(sentence, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await client.SendAsync(group, "still here")).Seq);
    }

    [Theory]
    [InlineData(Join, null)]
    [InlineData(Send, null)]
    [InlineData(nameof(IChatHub.Leave), null)]
    [InlineData(Join, 7)]
    [InlineData(Join, "conv:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")]
    public async Task AnArgumentThatIsNoObjectIsRefused(string method, object? argument)
    {
        var (client, group) = await InGroupAsync();
        await using var _ = client;
        var error = await client.RefusalAsync(method, argument);
        Assert.Contains(error.Code, new[] { ErrorCodes.InvalidField, ErrorCodes.InvalidJson });
        Assert.DoesNotContain("Chasqui", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await client.SendAsync(group, "still here")).Seq);
    }

    [Fact]
    public async Task TooFewAndTooManyArgumentsAndUnknownMethodsAreRefused()
    {
        var (client, group) = await InGroupAsync();
        await using var _ = client;
        var join = new { conversation_id = group };

        Assert.Equal(ErrorCodes.InvalidField, (await client.RefusalAsync(Join)).Code);
        Assert.Equal(ErrorCodes.InvalidField, (await client.RefusalAsync(Join, join, join)).Code);
        Assert.Equal(ErrorCodes.InvalidField, (await client.RefusalAsync("Shout", join)).Code);
        Assert.Equal(ErrorCodes.InvalidField, (await client.RefusalAsync("OnConnectedAsync")).Code);
        Assert.Equal(1, (await client.SendAsync(group, "still here")).Seq);
    }

    [Theory]
    [InlineData("Hello")]
    [InlineData("Ping")]
    public async Task HubRefusesFramesOfRawClients(string method)
    {
        var (client, _) = await InGroupAsync();
        await using var _1 = client;
        Assert.Equal(ErrorCodes.UnknownType, (await client.RefusalAsync(method, new { })).Code);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nonsense")]
    public async Task WithoutAGoodTokenThereIsNoConnection(string? token)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => HubClient.ConnectAsync(server, token));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task AnExpiredTokenOpensNoConnection()
    {
        using var ana = await server.PersonAsync();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(
            () => HubClient.ConnectAsync(server, ExpiredToken.For(server, ana)));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private async Task<(HubClient Client, string Group)> InGroupAsync()
    {
        using var person = await server.PersonAsync();
        return (await HubClient.ConnectAsync(server, person.Token), await person.OpenGroupAsync());
    }
}
