using System.Buffers.Binary;
using Chasqui.Protocol;

namespace Chasqui.Tests.Fuzzing;

/// <summary>What a connection of the raw transport does not survive, and the close code that it ends with.</summary>
internal static class RawEndings
{
    private const int Normal = 1000;
    private const int ProtocolError = 1002;
    private const int BinaryFrame = 1003;
    private const int InvalidUtf8 = 1007;
    private const int TooLarge = 1009;

    private static readonly byte[][] BrokenUtf8 =
    [
        [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF], // overlong
        [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0xA6], // truncated
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], // surrogates
        [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], // beyond the last character
        [0x80], [0xFE], [0xFF],
    ];

    // What no endpoint may send: reserved, for local use only, or out of range.
    private static readonly int[] BadCloseCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];

    public static Ending Write(Random random, byte[][] valid)
    {
        var wire = new WireWriter(random);
        var (what, codes) = Write(random, wire, valid[random.Next(valid.Length)]);
        return what == "cut"
            ? new Ending(what, default) { CutAt = random.NextDouble(), Resets = random.Next(2) == 0 }
            : new Ending(what, wire.Written, codes);
    }

    private static (string What, int[] Codes) Write(Random random, WireWriter wire, byte[] frame)
    {
        switch (random.Next(24))
        {
            case 0:
                wire.Message(Opcode.Binary, frame.AsSpan(random.Next(frame.Length + 1)));
                return ("a binary frame", [BinaryFrame]);
            case 1 or 2 or 3:
                wire.Message(Opcode.Text, Break(random, frame));
                return ("broken UTF-8", [InvalidUtf8]);
            case 4:
                wire.Message(Opcode.Text, Spaces(ChatLimits.MaxFrameBytes + random.Next(1, random.Next(2, 100_000))));
                return ("a frame that is too large", [TooLarge]);
            case 5:
                wire.Frame(random.Next(2) == 0 ? Opcode.Text : Opcode.Ping, frame.AsSpan(0, 9), reserved: (byte)(random.Next(1, 8) << 4));
                return ("reserved bits", [ProtocolError]);
            case 6:
                wire.Frame(Opcode.Unknown[random.Next(Opcode.Unknown.Length)], frame.AsSpan(random.Next(frame.Length)));
                return ("an unknown opcode", [ProtocolError]);
            case 7:
                wire.Frame(Opcode.Text, frame, isMasked: false);
                return ("no mask", [ProtocolError]);
            case 8:
                wire.Frame(Opcode.Continuation, frame, isLast: random.Next(2) == 0);
                return ("a continuation of nothing", [ProtocolError]);
            case 9:
                wire.Frame(Opcode.Text, frame, isLast: false);
                wire.Frame(Opcode.Text, frame);
                return ("a frame within a frame", [ProtocolError]);
            case 10:
                wire.Frame(random.Next(2) == 0 ? Opcode.Ping : Opcode.Close, new byte[random.Next(126, 70_000)]);
                return ("a control frame that is too long", [ProtocolError]);
            case 11:
                wire.Frame(random.Next(2) == 0 ? Opcode.Ping : Opcode.Close, [], isLast: false);
                return ("a control frame in fragments", [ProtocolError]);
            case 12:
                wire.Frame(Opcode.Text, frame, claims: ulong.MaxValue - (ulong)random.Next());
                return ("a length of 2^63 and more", [ProtocolError]);
            case 13:
                wire.Frame(Opcode.Text, frame, claims: (ulong)random.NextInt64(long.MaxValue));
                return ("a length that is not kept", []);
            case 14:
                wire.Frame(Opcode.Text, frame, form: random.Next(2) == 0 ? LengthForm.SixteenBits : LengthForm.SixtyFourBits);
                return ("a length that is not the shortest", []);
            case 15 or 16:
                return WriteClose(random, wire, frame);
            case 17:
                WriteFragments(random, wire, isEnded: random.Next(2) == 0);
                return ("very many fragments", []);
            case 18 or 19:
                var noise = new byte[random.Next(1, 400)];
                random.NextBytes(noise);
                wire.Raw(noise);
                return ("random bytes", []);
            case 20:
                wire.Frame(Opcode.Text, frame);
                wire.Raw(Mutations.Mutate(random, wire.Written.Span));
                return ("a damaged frame", []);
            default:
                return ("cut", []);
        }
    }

    private static byte[] Spaces(int count)
    {
        var spaces = new byte[count];
        spaces.AsSpan().Fill((byte)' ');
        return spaces;
    }

    private static byte[] Break(Random random, byte[] frame)
    {
        var at = random.Next(frame.Length + 1);
        return [.. frame[..at], .. BrokenUtf8[random.Next(BrokenUtf8.Length)], .. frame[at..]];
    }

    private static (string What, int[] Codes) WriteClose(Random random, WireWriter wire, byte[] reason)
    {
        var body = new byte[2 + random.Next(60)];
        reason.AsSpan(0, Math.Min(reason.Length, body.Length - 2)).CopyTo(body.AsSpan(2));
        switch (random.Next(5))
        {
            case 0:
                wire.Frame(Opcode.Close, []);
                return ("a close without a code", [Normal]);
            case 1:
                BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)random.Next(3000, 5000));
                wire.Frame(Opcode.Close, body);
                return ("a close", []);
            case 2:
                wire.Frame(Opcode.Close, body.AsSpan(0, 1));
                return ("a close with half a code", [ProtocolError]);
            case 3:
                BinaryPrimitives.WriteUInt16BigEndian(body, Normal);
                wire.Frame(Opcode.Close, [.. body.AsSpan(0, 2), .. BrokenUtf8[random.Next(BrokenUtf8.Length)]]);
                return ("a close with broken UTF-8", [ProtocolError, InvalidUtf8]);
            default:
                BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)BadCloseCodes[random.Next(BadCloseCodes.Length)]);
                wire.Frame(Opcode.Close, body);
                return ("a close with a code that is none", [ProtocolError]);
        }
    }

    private static void WriteFragments(Random random, WireWriter wire, bool isEnded)
    {
        var isEmpty = random.Next(2) == 0;
        wire.Frame(Opcode.Text, [], isLast: false);
        for (var fragments = random.Next(2_000); fragments > 0; fragments--)
        {
            wire.Frame(Opcode.Continuation, isEmpty ? [] : " "u8, isLast: false);
        }

        wire.Frame(Opcode.Continuation, "{}"u8, isEnded);
    }
}
