using System.Text;

namespace Chasqui.Bench.Clients;

/// <summary>The documented frames of Chasqui. Who wants an answer also sends a <c>client_message_id</c>, as a careful client does.</summary>
internal sealed class RawDialect : Dialect
{
    public override IEnumerable<byte[]> Opening(string room) =>
        [Encoding.UTF8.GetBytes($$"""{"type":"join","conversation_id":"{{room}}","request_id":"join"}""")];

    public override int WriteMessage(Span<byte> frame, string room, long due, long? number)
    {
        var writer = new FrameWriter(frame)
            .Add("""{"type":"message","conversation_id":" """u8[..^1]).Add(room).Add("\",\"content\":\""u8).AddText(due);
        if (number is { } asked)
        {
            writer = writer.Add("\",\"client_message_id\":\""u8).Add(due).Add("\",\"request_id\":\""u8).Add(asked);
        }

        return writer.Add("\"}"u8).Length;
    }

    public override Received Take(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> record)
    {
        record = received;
        received = default;
        return record.StartsWith("""{"type":"NewMessage","""u8) ? Received.Delivery
            : record.StartsWith("""{"type":"Ack","""u8) ? Received.Answer
            : record.StartsWith("""{"type":"Error","""u8) ? Received.Refusal
            : Received.Other;
    }
}
