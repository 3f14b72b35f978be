using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

public abstract class SendTests(TestServer server)
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Contents that something on the way might touch.</summary>
    public static TheoryData<string> Odd =>
    [
        " leading and trailing \t\n", "\0a", "a\0b", "line\r\nbreaks\rof\nall\u0085kinds\u2028and\u2029more",
        "שלום \u202Eright to left\u202C عالم", "👩‍👩‍👧‍👦🏳️‍🌈🇵🇪", "e\u0301 is not \u00e9", "\uFEFFbyte order mark", "\u200bzero\u200bwidth\u2800",
        "\uFFFE\uFFFF\U0001FFFE", "\uE000\U0010FFFF", "!\u0001\u001b\u007f\u009f", "<script>&amp;'\"\\/</script>", "%00%s{0}${x}",
        "'; DROP TABLE messages; --", "\ud7ff\ue000", "ﬁ Å \u212b", "{\"type\":\"NewMessage\"}",
    ];

    [Fact]
    public async Task ASentMessageHasTheDocumentedFields()
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        var message = await person.SendAsync(group, "Hello world!");

        Assert.Equal(["id", "conversation_id", "sender_id", "content", "message_type", "created_at", "seq"], message.Fields());
        Rest.IsId("msg:", message.Text("id"));
        Assert.Equal(group, message.Text("conversation_id"));
        Assert.Equal(person.Id, message.Text("sender_id"));
        Assert.Equal("Hello world!", message.Text("content"));
        Assert.Equal("text", message.Text("message_type"));
        Rest.IsTime(message.Text("created_at"));
        Assert.Equal(1, message["seq"]!.GetValue<long>());
        Assert.Equal(message.ToJsonString(), (await HistoryAsync(person, group))[0]!.ToJsonString());
    }

    [Fact]
    public async Task SeqIsDenseFromOneInEachConversationHoweverManySpeakAtOnce()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var groups = new[] { await person.OpenGroupAsync(other), await person.OpenGroupAsync(other) };

        var sent = await Task.WhenAll(Enumerable.Range(0, 120).Select(i =>
            (i % 3 == 0 ? person : other).SendAsync(groups[i % 2], $"Message {i}")));

        foreach (var group in groups)
        {
            var seqs = sent.Where(m => m.Text("conversation_id") == group).Select(m => m["seq"]!.GetValue<long>()).Order();
            Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), seqs);
            Assert.Equal(60, (await HistoryAsync(person, group)).AsArray().Count);
        }

        Assert.Equal(120, sent.Select(message => message.Text("id")).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task ContentIsKeptByteForByte(string content)
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        var sent = await person.SendAsync(group, content);

        Assert.Equal(Encoding.UTF8.GetBytes(content), Encoding.UTF8.GetBytes(sent.Text("content")));
        var stored = (await HistoryAsync(person, group))[0]!.Text("content");
        Assert.Equal(Encoding.UTF8.GetBytes(content), Encoding.UTF8.GetBytes(stored));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("語")]
    [InlineData("😀")]
    public async Task ContentHasAtMostTenThousandScalarValues(string character)
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        var longest = string.Concat(Enumerable.Repeat(character, 10_000));

        using var sent = await person.Http.PostAsync($"/api/conversations/{group}/messages", Rest.Json(Body(longest)));
        await sent.ReadAsync(200);
        Assert.Equal(longest, (await HistoryAsync(person, group))[0]!.Text("content"));
        await RefusedAsync(person, group, Body(longest + "x"), "content_too_long");
        Assert.Single((await HistoryAsync(person, group)).AsArray());
    }

    [Theory]
    [InlineData("""{"content":""}""", "content_blank")]
    [InlineData("""{"content":" \t\r\n"}""", "content_blank")]
    [InlineData("""{"content":"\u00a0\u2003\u3000\u2028"}""", "content_blank")]
    [InlineData("""{"content":"\u200b"}""", "content_blank")]
    [InlineData("""{"content":"\u0000\u001b\u009f"}""", "content_blank")]
    [InlineData("""{"content":"\u2060\u00ad\u200d\u061c\u180e"}""", "content_blank")]
    [InlineData("""{"content":"\u202e\u2066 \u2069"}""", "content_blank")]
    [InlineData("""{"content":"\ufe0f\ufeff\u034f\udb40\udc41"}""", "content_blank")]
    [InlineData("""{"content":"\u2800\u3164\u115f\u1160\uffa0"}""", "content_blank")]
    [InlineData("""{}""", "invalid_field")]
    [InlineData("""{"content":null}""", "invalid_field")]
    [InlineData("""{"content":7}""", "invalid_field")]
    [InlineData("""{"content":["x"]}""", "invalid_field")]
    [InlineData("""{"content":{"x":1}}""", "invalid_field")]
    [InlineData("""{"Content":"wrong case"}""", "invalid_field")]
    [InlineData("""{"content":"half a surrogate pair: \ud83d"}""", "invalid_field")]
    [InlineData("""{"content":"x","client_message_id":""}""", "invalid_field")]
    [InlineData("""{"content":"x","client_message_id":7}""", "invalid_field")]
    public async Task ContentThatCannotBeSentIsRefusedAndNothingIsStored(string body, string code)
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();

        await RefusedAsync(person, group, body, code);

        Assert.Empty((await HistoryAsync(person, group)).AsArray());
        Assert.Equal(1, (await person.SendAsync(group, "The next one"))["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task ContentThatIsNoUtf8IsRefused()
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        using var body = new ByteArrayContent([.. "{\"content\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8]);
        body.Headers.ContentType = new("application/json");

        var answer = await person.Http.PostAsync($"/api/conversations/{group}/messages", body);

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Empty((await HistoryAsync(person, group)).AsArray());
    }

    [Fact]
    public async Task UnknownFieldsAreIgnored()
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        var answer = await person.Http.PostAsync(
            $"/api/conversations/{group}/messages", Rest.Json("""{"content":"x","message_type":"image","seq":9,"from":{"a":[1]}}"""));

        var message = await answer.ReadAsync(200);
        Assert.Equal("text", message.Text("message_type"));
        Assert.Equal(1, message["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task EveryJoinedSocketGetsAMessageThatIsSentOverRest()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var group = await person.OpenGroupAsync(other);
        await using var mine = await person.ConnectAsync();
        await using var theirs = await other.ConnectAsync();
        await mine.JoinAsync(group);
        await theirs.JoinAsync(group);

        var message = await person.SendAsync(group, "To everybody");

        foreach (var socket in new[] { mine, theirs })
        {
            Assert.Equal(message.ToJsonString(), (await socket.ReceiveAsync("NewMessage"))["message"]!.ToJsonString());
        }
    }

    /// <summary>As UTF-8: escaped, the longest content would not fit into a body.</summary>
    private static string Body(string content) =>
        JsonSerializer.Serialize(new { content }, Unescaped).Replace(@"\uD83D\uDE00", "😀", StringComparison.Ordinal);

    private static Task<JsonNode> HistoryAsync(Person person, string conversation) =>
        person.GetAsync($"/api/conversations/{conversation}/messages?limit=200");

    private static async Task RefusedAsync(Person person, string conversation, string body, string code) =>
        await (await person.Http.PostAsync($"/api/conversations/{conversation}/messages", Rest.Json(body))).ReadProblemAsync(400, code);
}

public sealed class SqliteSendTests(TestServer server) : SendTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresSendTests(PostgresServer server) : SendTests(server), IClassFixture<PostgresServer>;
