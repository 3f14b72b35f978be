namespace Chasqui.Bench.Clients;

/// <summary>The bare room: who connects is in it, and nothing is answered.</summary>
internal sealed class BareDialect : Dialect
{
    public override IEnumerable<byte[]> Opening(string room) => [];

    public override int WriteMessage(Span<byte> frame, string room, long due, long? number) => new FrameWriter(frame)
        .Add("""{"type":"message","conversation_id":" """u8[..^1]).Add(room).Add("\",\"content\":\""u8).AddText(due).Add("\"}"u8).Length;

    public override Received Take(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> record)
    {
        record = received;
        received = default;
        return Received.Delivery;
    }
}
