using System.Text;
using static Chasqui.Tests.Protocol.RawFrames;

namespace Chasqui.Tests.Protocol;

public sealed class FrameRefusalTests
{
    private const string NoObject = "invalid_json: A frame must be one JSON object";
    private const string NoJson = "invalid_json: The frame is not valid JSON";
    private const string Twice = "invalid_json: A field stands twice in the frame";
    private const string UnknownType = "unknown_type: Unknown frame type";
    private const string BadRequestId = "invalid_field: The field 'request_id' must be a string of 1 to 64 characters";
    private const string BadClientId = "invalid_field: The field 'client_message_id' must be a string of 1 to 64 characters";
    private const string BadId = "invalid_field: The field 'conversation_id' must be of the form 'conv:<uuid>'";
    private const string IdNoString = "invalid_field: The field 'conversation_id' must be a string";
    private const string BadContent = "invalid_field: The field 'content' must be a string";
    private const string BadAfter = "invalid_field: The field 'after' must be a whole number from 0";
    private const string BadActive = "invalid_field: The field 'active' must be true or false";
    private const string BadStatus = "invalid_field: The field 'status' must be 'online' or 'away'";
    private const string BadType = "invalid_field: The field 'type' must be a string";

    /// <summary>Name, frame, <c>code: sentence</c>, and the <c>request_id</c> that is echoed.</summary>
    private static readonly (string Name, string Json, string Error, string? RequestId)[] Table =
    [
        ("empty", "", NoJson, null),
        ("white space", " \n\t", NoJson, null),
        ("text", "hello", NoJson, null),
        ("an array", "[]", NoObject, null),
        ("an array of a frame", """[{"type":"ping"}]""", NoObject, null),
        ("a number", "42", NoObject, null),
        ("a string", "\"ping\"", NoObject, null),
        ("null", "null", NoObject, null),
        ("true", "true", NoObject, null),
        ("an empty object", "{}", "invalid_field: The field 'type' is missing", null),
        ("truncated after the brace", "{", NoJson, null),
        ("truncated in a name", """{"typ""", NoJson, null),
        ("truncated after a name", """{"type":""", NoJson, null),
        ("truncated in a value", """{"type":"pin""", NoJson, null),
        ("truncated before the end", """{"type":"ping" """, NoJson, null),
        ("truncated in a nested value", """{"type":"ping","x":{"y":[1""", NoJson, null),
        ("trailing garbage", """{"type":"ping"}x""", NoJson, null),
        ("two objects", """{"type":"ping"}{"type":"ping"}""", NoJson, null),
        ("two objects on two lines", "{\"type\":\"ping\"}\n{\"type\":\"ping\"}\n", NoJson, null),
        ("a record separator", "{\"type\":\"ping\"}\u001e", NoJson, null),
        ("a trailing comma", """{"type":"ping",}""", NoJson, null),
        ("a comment", """{"type":"ping"/* */}""", NoJson, null),
        ("single quotes", "{'type':'ping'}", NoJson, null),
        ("no quotes", "{type:ping}", NoJson, null),
        ("a control character in a string", "{\"type\":\"pi\nng\"}", NoJson, null),
        ("an escape that is none", """{"type":"\x70ing"}""", NoJson, null),
        ("a number that is none", """{"type":"ping","x":01}""", NoJson, null),
        ("NaN", """{"type":"ping","x":NaN}""", NoJson, null),
        ("a byte order mark", "\ufeff{\"type\":\"ping\"}", NoJson, null),
        ("nested too deeply", $$"""{"type":"ping","x":{{new string('[', 16)}}{{new string(']', 16)}}}""", NoJson, null),
        ("nested without end", $$"""{"type":"ping","x":{{new string('[', 60_000)}}""", NoJson, null),
        ("broken after its request_id", """{"request_id":"r","type":"ping",""", NoJson, null),
        ("type twice", """{"type":"ping","type":"hello"}""", Twice, null),
        ("type twice, once escaped", """{"type":"ping","\u0074ype":"hello"}""", Twice, null),
        ("content twice", """{"type":"ping","content":1,"content":2}""", Twice, null),
        ("after twice", """{"request_id":"r","type":"ping","after":1,"after":1}""", Twice, "r"),
        ("an unknown field twice", """{"x":1,"type":"ping","x":2}""", Twice, null),
        ("a field twice inside of an unknown one", """{"type":"ping","x":[{"y":1,"y":1}],"request_id":"r"}""", Twice, "r"),
        ("request_id twice", """{"type":"ping","request_id":"a","request_id":"b"}""", Twice, null),
        ("a field twice after a request_id that is too long",
            $$"""{"request_id":"{{new string('r', 65)}}","type":"ping","type":"ping"}""", Twice, null),
        ("unknown type", """{"type":"shout","request_id":"r"}""", UnknownType, "r"),
        ("unknown type without request_id", """{"type":"shout"}""", UnknownType, null),
        ("type in another case", """{"type":"Ping"}""", UnknownType, null),
        ("type with white space", """{"type":" ping"}""", UnknownType, null),
        ("the name of an event", """{"type":"NewMessage"}""", UnknownType, null),
        ("an empty type", """{"type":""}""", UnknownType, null),
        ("type missing", """{"request_id":"r"}""", "invalid_field: The field 'type' is missing", "r"),
        ("type null", """{"type":null}""", BadType, null),
        ("type a number", """{"type":1}""", BadType, null),
        ("type an object", """{"type":{"type":"ping"}}""", BadType, null),
        ("type half a surrogate pair", """{"type":"\ud800"}""", BadType, null),
        ("request_id empty", """{"type":"ping","request_id":""}""", BadRequestId, null),
        ("request_id of 65 characters", $$"""{"type":"ping","request_id":"{{new string('r', 65)}}"}""", BadRequestId, null),
        ("request_id a number", """{"type":"ping","request_id":7}""", BadRequestId, null),
        ("request_id an object", """{"type":"ping","request_id":{}}""", BadRequestId, null),
        ("request_id half a surrogate pair", """{"type":"ping","request_id":"\udc00"}""", BadRequestId, null),
        ("request_id bad and type missing", """{"request_id":7}""", BadRequestId, null),
        ("join without a conversation", """{"type":"join"}""", "invalid_field: The field 'conversation_id' is missing", null),
        ("leave without a conversation",
            """{"type":"leave","request_id":"-"}""", "invalid_field: The field 'conversation_id' is missing", "-"),
        ("typing without active",
            $$"""{"type":"typing","conversation_id":"{{Conv}}","request_id":"r"}""", "invalid_field: The field 'active' is missing", "r"),
        ("typing without a conversation",
            """{"type":"typing","active":true}""", "invalid_field: The field 'conversation_id' is missing", null),
        ("active null", $$"""{"type":"typing","conversation_id":"{{Conv}}","active":null}""", BadActive, null),
        ("active a number", $$"""{"type":"typing","conversation_id":"{{Conv}}","active":1}""", BadActive, null),
        ("active a string", $$"""{"type":"typing","conversation_id":"{{Conv}}","active":"true"}""", BadActive, null),
        ("active an array", $$"""{"type":"typing","conversation_id":"{{Conv}}","active":[true]}""", BadActive, null),
        ("active twice", """{"type":"ping","active":true,"active":true}""", Twice, null),
        ("presence without status", """{"type":"presence"}""", "invalid_field: The field 'status' is missing", null),
        ("status offline", """{"type":"presence","status":"offline","request_id":"r"}""", BadStatus, "r"),
        ("status in another case", """{"type":"presence","status":"Away"}""", BadStatus, null),
        ("status null", """{"type":"presence","status":null}""", BadStatus, null),
        ("status true", """{"type":"presence","status":true}""", BadStatus, null),
        ("status twice", """{"type":"presence","status":"away","status":"away"}""", Twice, null),
        ("message without a conversation",
            """{"type":"message","content":"hi","request_id":"r"}""", "invalid_field: The field 'conversation_id' is missing", "r"),
        ("message without content",
            $$"""{"type":"message","conversation_id":"{{Conv}}"}""", "invalid_field: The field 'content' is missing", null),
        ("content null", $$"""{"type":"message","conversation_id":"{{Conv}}","content":null}""", BadContent, null),
        ("content a number", $$"""{"type":"message","conversation_id":"{{Conv}}","content":1}""", BadContent, null),
        ("content an array", $$"""{"type":"message","conversation_id":"{{Conv}}","content":["hi"]}""", BadContent, null),
        ("content half a surrogate pair",
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"a\ud83db","request_id":"r"}""", BadContent, "r"),
        ("content with a pair the wrong way round",
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"\ude00\ud83d"}""", BadContent, null),
        ("client_message_id a number",
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"hi","client_message_id":1}""", BadClientId, null),
        ("client_message_id half a surrogate pair",
            $$"""{"type":"message","conversation_id":"{{Conv}}","content":"hi","client_message_id":"\ud800"}""", BadClientId, null),
        ("conversation_id null", """{"type":"join","conversation_id":null}""", IdNoString, null),
        ("conversation_id a number", """{"type":"join","conversation_id":1}""", IdNoString, null),
        ("conversation_id half a surrogate pair", """{"type":"join","conversation_id":"\ud800"}""", IdNoString, null),
        ("conversation_id empty", """{"type":"join","conversation_id":""}""", BadId, null),
        ("conversation_id of a user", $$"""{"type":"leave","conversation_id":"user:{{Uuid}}"}""", BadId, null),
        ("conversation_id no uuid", """{"type":"message","conversation_id":"conv:42","content":"hi"}""", BadId, null),
        ("conversation_id with white space", $$"""{"type":"join","conversation_id":"conv: {{Uuid}}"}""", BadId, null),
        ("after negative", $$"""{"type":"join","conversation_id":"{{Conv}}","after":-1,"request_id":"r"}""", BadAfter, "r"),
        ("after a fraction", $$"""{"type":"join","conversation_id":"{{Conv}}","after":1.5}""", BadAfter, null),
        ("after too large", $$"""{"type":"join","conversation_id":"{{Conv}}","after":9223372036854775808}""", BadAfter, null),
        ("after far too large", $$"""{"type":"join","conversation_id":"{{Conv}}","after":{{new string('9', 400)}}}""", BadAfter, null),
        ("after with an exponent", $$"""{"type":"join","conversation_id":"{{Conv}}","after":1e400}""", BadAfter, null),
        ("after a string", $$"""{"type":"join","conversation_id":"{{Conv}}","after":"40"}""", BadAfter, null),
        ("after an array", $$"""{"type":"join","conversation_id":"{{Conv}}","after":[40]}""", BadAfter, null),
    ];

    public static TheoryData<string> Names => [.. Table.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void AFrameThatCannotBeServedIsAnsweredWithOneError(string name)
    {
        var (_, json, error, requestId) = Table.Single(row => row.Name == name);
        var (code, sentence) = (error[..error.IndexOf(':', StringComparison.Ordinal)], error[(error.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        var echoed = requestId is null ? "" : $",\"request_id\":\"{requestId}\"";

        Assert.Equal($$"""{"type":"Error","message":"{{sentence}}","code":"{{code}}"{{echoed}}}""", WriteRefusal(json));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF })]
    [InlineData(new byte[] { 0 })]
    public void BytesThatAreNoJSONAreAnsweredWithAnError(byte[] frame) =>
        Assert.Contains("\"code\":\"invalid_json\"", WriteRefusal(frame), StringComparison.Ordinal);

    [Fact]
    public void ContentThatIsNoUTF8IsRefused()
    {
        var frame = Encoding.Latin1.GetBytes($$"""{"type":"message","conversation_id":"{{Conv}}","content":"{{"\u00ff"}}"}""");
        Assert.Contains("\"code\":\"invalid_field\"", WriteRefusal(frame), StringComparison.Ordinal);
    }
}
