using System.Text;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class LiveFrameTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Nowhere = "conv:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

    public static TheoryData<string, string> Malformed => new()
    {
        { "", ErrorCodes.InvalidJson },
        { " ", ErrorCodes.InvalidJson },
        { "hello", ErrorCodes.InvalidJson },
        { "[]", ErrorCodes.InvalidJson },
        { "42", ErrorCodes.InvalidJson },
        { "null", ErrorCodes.InvalidJson },
        { "\"ping\"", ErrorCodes.InvalidJson },
        { "{", ErrorCodes.InvalidJson },
        { """{"type":"ping"}{"type":"ping"}""", ErrorCodes.InvalidJson },
        { """{"type":"ping","type":"ping"}""", ErrorCodes.InvalidJson },
        { "{\"type\":\"ping\"}\u001e{\"type\":\"ping\"}\u001e", ErrorCodes.InvalidJson },
        { "\ufeff{\"type\":\"ping\"}", ErrorCodes.InvalidJson },
        { "{\"protocol\":\"json\",\"version\":1}\u001e", ErrorCodes.InvalidJson },
        { "{\"a\":" + new string('[', 1000), ErrorCodes.InvalidJson },
        { "\0", ErrorCodes.InvalidJson },
        { "{}", ErrorCodes.InvalidField },
        { """{"type":null}""", ErrorCodes.InvalidField },
        { """{"type":"shout"}""", ErrorCodes.UnknownType },
        { """{"type":"SendMessage"}""", ErrorCodes.UnknownType },
        { """{"type":6}""", ErrorCodes.InvalidField },
        { """{"type":1,"target":"Ping","arguments":[{}]}""", ErrorCodes.InvalidField },
        { """{"type":"join"}""", ErrorCodes.InvalidField },
        { """{"type":"join","conversation_id":"conv:1"}""", ErrorCodes.InvalidField },
        { $$"""{"type":"join","conversation_id":"{{Nowhere}}","after":-1}""", ErrorCodes.InvalidField },
        { $$"""{"type":"message","conversation_id":"{{Nowhere}}"}""", ErrorCodes.InvalidField },
        { $$"""{"type":"message","conversation_id":"{{Nowhere}}","content":"\ud800"}""", ErrorCodes.InvalidField },
        { $$"""{"type":"message","conversation_id":"{{Nowhere}}","content":"x","client_message_id":""}""", ErrorCodes.InvalidField },
        { """{"type":"ping","request_id":""}""", ErrorCodes.InvalidField },
        { """{"\ud800":1}""", ErrorCodes.InvalidField },
        { $$"""{"type":"join","conversation_id":"{{Nowhere}}"}""", ErrorCodes.ConversationNotFound },
        { $$"""{"type":"message","conversation_id":"{{Nowhere}}","content":"hi"}""", ErrorCodes.ConversationNotFound },
        { $$"""{"type":"message","conversation_id":"{{Nowhere}}","content":" \n"}""", ErrorCodes.ContentBlank },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task AFrameThatCannotBeServedGetsOneErrorAndTheConnectionLivesOn(string frame, string code)
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();

        await client.SendTextAsync(frame);
        var error = await client.ReceiveAsync("Error");

        Assert.Equal(["type", "message", "code"], error.Select(field => field.Key));
        Assert.Equal(code, error["code"]!.GetValue<string>());
        await client.PingAsync();
        await client.JoinAsync(group);
        await client.SendAsync(new { type = "message", conversation_id = group, content = "still here" });
        Assert.Equal("still here", (await client.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
    }

    [Fact]
    public async Task EveryOneOfManyMalformedFramesGetsItsOwnError()
    {
        using var ana = await server.PersonAsync();
        await using var client = await ana.ConnectAsync();
        for (var i = 0; i < 100; i++)
        {
            await client.SendTextAsync($$"""{"type":"shout","request_id":"{{i}}"}""");
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"{i}", (await client.ReceiveAsync("Error"))["request_id"]!.GetValue<string>());
        }

        await client.PingAsync();
    }

    [Fact]
    public async Task ForeignAndUnknownConversationGetSameAnswer()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ben.ConnectAsync();

        foreach (var type in new[] { "join", "message" })
        {
            await client.SendAsync(new { type, conversation_id = group, content = "hi" });
            var others = await client.ReceiveTextAsync();
            await client.SendAsync(new { type, conversation_id = Nowhere, content = "hi" });
            Assert.Equal(others, await client.ReceiveTextAsync());
            Assert.Equal("""{"type":"Error","message":"Conversation not found","code":"conversation_not_found"}""", others);
        }

        Assert.Empty((await ana.GetAsync($"/api/conversations/{group}/messages")).AsArray());
    }

    [Fact]
    public async Task ContentIsLimitedTo10000CharactersWhateverTheirSize()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        await client.JoinAsync(group);
        var longest = string.Concat(Enumerable.Repeat("😀", 10_000));

        await client.SendTextAsync($$"""{"type":"message","conversation_id":"{{group}}","content":"{{longest}}"}""");
        Assert.Equal(longest, (await client.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());

        await client.SendTextAsync($$"""{"type":"message","conversation_id":"{{group}}","content":"{{longest}}x"}""");
        Assert.Equal(ErrorCodes.ContentTooLong, (await client.ReceiveAsync("Error"))["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task AFragmentedFrameIsPutTogether()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await ana.ConnectAsync();
        await client.JoinAsync(group);
        var frame = Encoding.UTF8.GetBytes($$"""{"type":"message","conversation_id":"{{group}}","content":"in pieces 😀"}""");

        await client.SendFragmentAsync([], endOfMessage: false);
        foreach (var piece in frame)
        {
            // Each byte separately: characters are split too.
            await client.SendFragmentAsync([piece], endOfMessage: false);
        }

        await client.SendFragmentAsync([], endOfMessage: true);
        Assert.Equal("in pieces 😀", (await client.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
    }
}
