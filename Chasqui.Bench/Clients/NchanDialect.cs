namespace Chasqui.Bench.Clients;

/// <summary>nchan sends what a member publishes unchanged, so a member publishes an event as long as the bare room's.</summary>
internal sealed class NchanDialect : Dialect
{
    /// <summary>nginx then turns Nagle's algorithm off, as it does with TLS. Otherwise deliveries take up to 40 ms longer.</summary>
    public override bool RequestsFirst => true;

    public override IEnumerable<byte[]> Opening(string room) => [];

    public override int WriteMessage(Span<byte> frame, string room, long due, long? number) => new FrameWriter(frame)
        .Add("""{"type":"NewMessage","message":{"id":"msg:01990000-0000-7000-8000-000000000000","""u8)
        .Add(""" "conversation_id":" """u8[1..^1]).Add(room)
        .Add(""" ","sender_id":"user:01990000-0000-7000-8000-000000000000","content":" """u8[1..^1]).AddText(due)
        .Add(""" ","message_type":"text","created_at":"2026-01-01T00:00:00.1234567+00:00","seq":10000}}"""u8[1..]).Length;

    public override Received Take(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> record)
    {
        record = received;
        received = default;
        return Received.Echo;
    }
}
