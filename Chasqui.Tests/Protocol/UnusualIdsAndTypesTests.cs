using System.Text;
using Chasqui.Protocol;
using Microsoft.AspNetCore.SignalR.Protocol;
using static Chasqui.Tests.Protocol.RawFrames;

namespace Chasqui.Tests.Protocol;

/// <summary>Types and ids are read from the bytes of a frame, of which clients may write each one in several ways.</summary>
public sealed class UnusualIdsAndTypesTests
{
    private const string NoText = "\"The field 'conversation_id' must be a string\"";
    private const string NoId = "\"The field 'conversation_id' must be of the form 'conv:<uuid>'\"";
    private const string NoType = "\"The field 'type' must be a string\"";
    private const string UnknownType = "\"Unknown frame type\"";

    [Theory]
    [InlineData(Conv)]
    [InlineData("conversation:" + Uuid)]
    [InlineData("conversation:0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B")]
    [InlineData(Uuid)]
    public void AnIdMayBeEscapedThroughout(string id) => EachWay($$"""{"type":"leave","conversation_id":"{{Escape(id)}}"}""", message =>
        Assert.Equal(new ConversationId(Guid.Parse(Uuid)), Assert.IsType<Leave>(Assert.Single(Invocation(message).Arguments)).ConversationId));

    [Theory]
    [InlineData(FrameTypes.Message, nameof(IChatHub.SendMessage))]
    [InlineData(FrameTypes.Join, nameof(IChatHub.Join))]
    [InlineData(FrameTypes.Leave, nameof(IChatHub.Leave))]
    [InlineData(FrameTypes.Hello, "Hello")]
    [InlineData(FrameTypes.Ping, "Ping")]
    public void ATypeMayBeEscapedThroughout(string type, string method) => EachWay(
        $$"""{"type":"{{Escape(type)}}","conversation_id":"{{Conv}}","content":"hi"}""",
        message => Assert.Equal(method, Invocation(message).Target));

    public static TheoryData<string, string> Ids => new()
    {
        { Conv + "\\u0000", NoId },
        { Conv + "é", NoId },
        { "conv:０" + Uuid[1..], NoId },
        { "CONV:" + Uuid, NoId },
        { Escape("conv:" + Uuid + "0"), NoId },
        { Conv + new string(' ', 23), NoId },
        { Conv + new string(' ', 24), NoId },
        { new string('a', 384), NoId },
        { new string('a', 385), NoId },
        { new string('a', 60_000), NoId },
        { Escape(new string('a', 64)), NoId },
        { Escape(new string('a', 65)), NoId },
        { Conv + "\\ud800", NoText },
        { "\\udc00" + Uuid, NoText },
        { new string('a', 64) + "\\ud800", NoText },
        { new string('a', 385) + "\\ud800", NoText },
        { Escape(new string('a', 64)) + "\\ud800", NoText },
        { Conv + "\u00ff", NoText },
        { "\u00ff", NoText },
        { new string('a', 64) + "\u00ff", NoText },
        { new string('a', 385) + "\u00ff", NoText },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public void InvalidIdAndInvalidTextAreRefusedDifferently(string id, string sentence)
    {
        IsRefused($$"""{"type":"join","conversation_id":"{{id}}"}""", id, sentence);
        // Where the frame's type has no such field, it is ignored.
        EachWay(Bytes($$"""{"type":"ping","conversation_id":"{{id}}"}""", id), message => Assert.Equal("Ping", Invocation(message).Target));
    }

    [Theory]
    [InlineData("message\\u0000", UnknownType)]
    [InlineData("messagé", UnknownType)]
    [InlineData("MESSAGE", UnknownType)]
    [InlineData("messag", UnknownType)]
    [InlineData("\\u0070in", UnknownType)]
    [InlineData("ping\\ud800", NoType)]
    [InlineData("pin\\ud800", NoType)]
    [InlineData("\\udc00ing", NoType)]
    [InlineData("\\u0070in\\ud800", NoType)]
    [InlineData("ping\u00ff", NoType)]
    [InlineData("pin\u00ff", NoType)]
    [InlineData("\u00ffing", NoType)]
    public void UnknownTypeAndInvalidTextAreRefusedDifferently(string type, string sentence) =>
        IsRefused($$"""{"type":"{{type}}"}""", type, sentence);

    private static void IsRefused(string json, string value, string sentence)
    {
        var frame = Bytes(json, value);
        EachWay(frame, message => Assert.IsType<InvocationBindingFailureMessage>(message));
        Assert.Contains($"\"message\":{sentence}", WriteRefusal(frame), StringComparison.Ordinal);
    }

    /// <summary>In one piece, and with each byte in a segment of its own.</summary>
    private static void EachWay(byte[] frame, Action<HubMessage> check)
    {
        check(Parse(frame));
        var scattered = Segments.Scatter(Delimit(frame));
        check(TryParse(ref scattered)!);
    }

    private static void EachWay(string frame, Action<HubMessage> check) => EachWay(Encoding.UTF8.GetBytes(frame), check);

    private static InvocationMessage Invocation(HubMessage message) => Assert.IsType<InvocationMessage>(message);

    /// <summary>U+00FF stands for the byte, which is no UTF-8; what else is beyond ASCII is written as it should be.</summary>
    private static byte[] Bytes(string json, string value) =>
        (value.Contains('\u00ff') ? Encoding.Latin1 : Encoding.UTF8).GetBytes(json);

    private static string Escape(string text) => string.Concat(text.Select(letter => $"\\u{(int)letter:x4}"));
}
