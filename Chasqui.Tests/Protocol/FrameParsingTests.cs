using Chasqui.Protocol;
using Microsoft.AspNetCore.SignalR.Protocol;
using static Chasqui.Tests.Protocol.RawFrames;

namespace Chasqui.Tests.Protocol;

public sealed class FrameParsingTests
{
    private static readonly ConversationId Conversation = new(Guid.Parse(Uuid));

    private static readonly SendMessage Hi = new() { ConversationId = Conversation, Content = "hi" };

    private static readonly Join Joining = new() { ConversationId = Conversation };

    private static readonly Dictionary<string, (string Json, string Method, ClientFrame Frame)> Table = new()
    {
        ["hello"] = ("""{"type":"hello"}""", "Hello", new Hello()),
        ["hello with request_id"] = ("""{"type":"hello","request_id":"r1"}""", "Hello", new Hello { RequestId = "r1" }),
        ["ping"] = ("""{"type":"ping"}""", "Ping", new Ping()),
        ["ping with request_id"] = ("""{"type":"ping","request_id":"r1"}""", "Ping", new Ping { RequestId = "r1" }),
        ["join"] = ($$"""{"type":"join","conversation_id":"{{Conv}}"}""", "Join", Joining),
        ["join with everything"] = (
            $$"""{"type":"join","conversation_id":"{{Conv}}","after":40,"request_id":"r8"}""", "Join",
            Joining with { After = 40, RequestId = "r8" }),
        ["join after 0"] = ($$"""{"type":"join","conversation_id":"{{Conv}}","after":0}""", "Join", Joining with { After = 0 }),
        ["join after the largest number"] = (
            $$"""{"type":"join","conversation_id":"{{Conv}}","after":9223372036854775807}""", "Join",
            Joining with { After = long.MaxValue }),
        ["join after null"] = ($$"""{"type":"join","conversation_id":"{{Conv}}","after":null}""", "Join", Joining),
        ["leave"] = ($$"""{"type":"leave","conversation_id":"{{Conv}}"}""", "Leave", new Leave { ConversationId = Conversation }),
        ["leave with request_id"] = (
            $$"""{"type":"leave","conversation_id":"{{Conv}}","request_id":"r2"}""", "Leave",
            new Leave { ConversationId = Conversation, RequestId = "r2" }),
        ["typing"] = (
            $$"""{"type":"typing","conversation_id":"{{Conv}}","active":true,"request_id":"r3"}""", "SetTyping",
            new SetTyping { ConversationId = Conversation, Active = true, RequestId = "r3" }),
        ["typing that ends"] = (
            $$"""{"active":false,"type":"typing","conversation_id":"{{Conv}}"}""", "SetTyping",
            new SetTyping { ConversationId = Conversation, Active = false }),
        ["presence"] = (
            """{"type":"presence","status":"away","request_id":"r4"}""", "SetPresence",
            new SetPresence { Status = "away", RequestId = "r4" }),
        ["presence, escaped"] = ("""{"type":"presence","status":"onl\u0069ne"}""", "SetPresence", new SetPresence { Status = "online" }),
        ["message"] = ($$"""{"type":"message","conversation_id":"{{Conv}}","content":"hi"}""", "SendMessage", Hi),
        ["message with everything"] = (
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"hi","client_message_id":"9f","request_id":"r7"}""",
            "SendMessage", Hi with { ClientMessageId = "9f", RequestId = "r7" }),
        ["optional fields null"] = (
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"hi","client_message_id":null,"request_id":null}""",
            "SendMessage", Hi),
        ["bare id"] = ($$"""{"type":"join","conversation_id":"{{Uuid}}"}""", "Join", Joining),
        ["conversation: for conv:"] = ($$"""{"type":"join","conversation_id":"conversation:{{Uuid}}"}""", "Join", Joining),
        ["upper case uuid"] = ($$"""{"type":"join","conversation_id":"conv:{{Uuid.ToUpperInvariant()}}"}""", "Join", Joining),
        ["type last"] = ($$"""{"content":"hi","conversation_id":"{{Conv}}","type":"message"}""", "SendMessage", Hi),
        ["unknown fields"] = (
            $$"""{"x":1,"type":"join","y":{"type":"ping","z":[1,{"a":null}]},"conversation_id":"{{Conv}}","w":"\ud83d\ude00"}""",
            "Join", Joining),
        ["an unknown field whose name is half a surrogate pair"] = (
            $$"""{"\ud800":1,"type":"join","\udc00bcd":2,"conversation_id":"{{Conv}}"}""", "Join", Joining),
        ["fields of other types, mistyped"] = (
            """{"type":"ping","content":7,"conversation_id":[],"after":"x","client_message_id":{}}""", "Ping", new Ping()),
        ["names are told apart by case"] = ("""{"type":"ping","Type":"hello","REQUEST_ID":"x"}""", "Ping", new Ping()),
        ["escaped names and values"] = (
            $$"""{"\u0074ype":"m\u0065ssage","conversation\u005fid":"conv\u003a{{Uuid}}","content":"\u0068i"}""", "SendMessage", Hi),
        ["white space"] = (
            $$"""  { "type" : "join" ,{{"\r\n\t"}}"conversation_id" : "{{Conv}}" }{{"\n"}} """, "Join", Joining),
        ["content with escapes"] = (
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"\"\\\/\b\f\n\r\t\u0000\u00e9\ud83d\ude00"}""",
            "SendMessage", Hi with { Content = "\"\\/\b\f\n\r\t\0é😀" }),
        ["content beyond ASCII"] = (
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"Ñandú 😀 \u202e‮"}""",
            "SendMessage", Hi with { Content = "Ñandú 😀 \u202e\u202e" }),
        ["blank content is the hub's to refuse"] = (
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":""}""", "SendMessage", Hi with { Content = "" }),
        ["request_id of 64 characters"] = (
            $$"""{"type":"ping","request_id":"{{new string('r', 64)}}"}""", "Ping", new Ping { RequestId = new('r', 64) }),
        ["request_id of 64 characters beyond the basic plane"] = (
            $$"""{"type":"ping","request_id":"{{string.Concat(Enumerable.Repeat("😀", 64))}}"}""", "Ping",
            new Ping { RequestId = string.Concat(Enumerable.Repeat("😀", 64)) }),
        ["request_id like the one that stands for none"] = (
            """{"type":"ping","request_id":"-"}""", "Ping", new Ping { RequestId = "-" }),
    };

    public static TheoryData<string> Names => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AFrameBecomesAnInvocationOfItsHubMethod(string name)
    {
        var (json, method, frame) = Table[name];

        var invocation = Assert.IsType<InvocationMessage>(Parse(json));

        Assert.Equal(method, invocation.Target);
        Assert.Equal(frame, Assert.Single(invocation.Arguments));
        // Without an invocation id the hub would keep errors to itself.
        Assert.NotNull(invocation.InvocationId);
        Assert.Equal(frame.RequestId ?? "-", invocation.InvocationId);
        Assert.Null(invocation.StreamIds);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AFrameIsTheSameOverTwoSegmentsSplitAtEveryByte(string name)
    {
        var (json, _, frame) = Table[name];
        var delimited = Delimit(json);

        for (var at = 1; at < delimited.Length; at++)
        {
            var input = Segments.Split(delimited, at);
            var invocation = Assert.IsType<InvocationMessage>(TryParse(ref input));
            Assert.Equal(frame, Assert.Single(invocation.Arguments));
            Assert.True(input.IsEmpty);
        }
    }
}
