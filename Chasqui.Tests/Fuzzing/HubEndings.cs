using System.Text;

namespace Chasqui.Tests.Fuzzing;

/// <summary>How connections of the SignalR transport end. Which code SignalR closes with is its own affair.</summary>
internal static class HubEndings
{
    public static Ending Write(Random random, HubRecords records)
    {
        var wire = new WireWriter(random);
        return Write(random, wire, records) is { } what
            ? new Ending(what, wire.Written)
            : new Ending("cut", default) { CutAt = random.NextDouble(), Resets = random.Next(2) == 0 };
    }

    private static string? Write(Random random, WireWriter wire, HubRecords records)
    {
        switch (random.Next(11))
        {
            case 0:
                wire.Message(Opcode.Text, Encoding.ASCII.GetBytes(new string('x', random.Next(200_000))));
                return "a record without an end";
            case 1:
                wire.Message(Opcode.Text, "{\"type\":7,\"error\":\"bye\"}\u001e"u8);
                return "a goodbye";
            case 2:
                wire.Message(Opcode.Binary, records.Valid(random));
                return "a binary frame";
            case 3:
                wire.Frame(Opcode.Text, records.Valid(random), reserved: 0x40);
                return "reserved bits";
            case 4:
                wire.Message(Opcode.Text, "\u001e\u001e\u001e"u8);
                return "empty records";
            case 5:
                var depth = random.Next(2) == 0 ? random.Next(17, 200) : random.Next(200, 100_000);
                wire.Message(Opcode.Text, Encoding.ASCII.GetBytes(
                    $$"""{"type":1,"invocationId":"m","target":"Join","arguments":[{{OddJson.Deep(random, depth)}}]}""" + "\u001e"));
                return "depth";
            case 6:
                var noise = new byte[random.Next(1, 400)];
                random.NextBytes(noise);
                wire.Raw(noise);
                return "random bytes";
            case 7:
                wire.Frame(Opcode.Close, [0x03, 0xE8]);
                return "a close";
            case 8:
                wire.Message(Opcode.Text, [.. "{\"type\":1,\"target\":\""u8, 0xED, 0xA0, 0x80, .. "\",\"arguments\":[]}\u001e"u8]);
                return "broken UTF-8";
            case 9:
                return "leaving";
            default:
                return null;
        }
    }
}
