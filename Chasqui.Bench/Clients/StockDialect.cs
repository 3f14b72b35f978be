using System.Text;

namespace Chasqui.Bench.Clients;

/// <summary>SignalR's JSON protocol, in which one WebSocket message can hold several records.</summary>
internal sealed class StockDialect : Dialect
{
    private const byte RecordSeparator = 0x1E;

    public override IEnumerable<byte[]> Opening(string room) =>
    [
        [.. """{"protocol":"json","version":1}"""u8, RecordSeparator],
        [.. Encoding.UTF8.GetBytes($$"""{"type":1,"invocationId":"join","target":"Join","arguments":["{{room}}"]}"""), RecordSeparator],
    ];

    public override int WriteMessage(Span<byte> frame, string room, long due, long? number)
    {
        var writer = new FrameWriter(frame).Add("""{"type":1,"""u8);
        if (number is { } asked)
        {
            writer = writer.Add("\"invocationId\":\""u8).Add(asked).Add("\","u8);
        }

        return writer.Add("""{"target":"Say","arguments":[{"conversation_id":" """u8[1..^1]).Add(room)
            .Add("\",\"content\":\""u8).AddText(due).Add("\"}]}"u8).Add([RecordSeparator]).Length;
    }

    public override Received Take(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> record)
    {
        var end = received.IndexOf(RecordSeparator);
        record = received[..end];
        received = received[(end + 1)..];
        return record.StartsWith("""{"type":1,"""u8) ? Received.Delivery
            : record.SequenceEqual("{}"u8) ? Received.Answer
            : !record.StartsWith("""{"type":3,"""u8) ? Received.Other
            : record.IndexOf("\"error\":"u8) >= 0 ? Received.Refusal
            : Received.Answer;
    }
}
