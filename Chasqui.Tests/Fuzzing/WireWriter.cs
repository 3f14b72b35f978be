using System.Buffers;
using System.Buffers.Binary;

namespace Chasqui.Tests.Fuzzing;

/// <summary>How a frame spells its length; a client has to take the shortest.</summary>
internal enum LengthForm
{
    Shortest,
    SixteenBits,
    SixtyFourBits,
}

/// <summary>Writes frames of RFC 6455 as a client does, and as no client should.</summary>
internal sealed class WireWriter(Random random)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(16 * 1024);

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public void Raw(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    public void Frame(
        byte opcode, ReadOnlySpan<byte> payload, bool isLast = true, byte reserved = 0, bool isMasked = true,
        LengthForm form = LengthForm.Shortest, ulong? claims = null)
    {
        var header = _bytes.GetSpan(14);
        header[0] = (byte)((isLast ? 0x80 : 0) | reserved | opcode);
        var length = WriteLength(header, claims ?? (ulong)payload.Length, claims is null ? form : LengthForm.SixtyFourBits);
        if (!isMasked)
        {
            _bytes.Advance(length);
            _bytes.Write(payload);
            return;
        }

        header[1] |= 0x80;
        var mask = header.Slice(length, 4);
        random.NextBytes(mask);
        var key = BinaryPrimitives.ReadUInt32LittleEndian(mask);
        _bytes.Advance(length + 4);
        var masked = _bytes.GetSpan(payload.Length);
        for (var i = 0; i < payload.Length; i++)
        {
            masked[i] = (byte)(payload[i] ^ (key >> (8 * (i & 3))));
        }

        _bytes.Advance(payload.Length);
    }

    /// <summary>A whole message; one in eight comes in fragments, some of them empty, with control frames in between.</summary>
    public void Message(byte opcode, ReadOnlySpan<byte> payload)
    {
        if (random.Next(8) > 0)
        {
            Frame(opcode, payload);
            return;
        }

        for (var pieces = random.Next(1, 6); pieces > 0; pieces--)
        {
            var piece = random.Next(payload.Length + 1);
            Frame(opcode, payload[..piece], isLast: false);
            payload = payload[piece..];
            opcode = Opcode.Continuation;
            if (random.Next(3) == 0)
            {
                var control = new byte[random.Next(126)];
                random.NextBytes(control);
                Frame(random.Next(2) == 0 ? Opcode.Ping : Opcode.Pong, control);
            }
        }

        Frame(opcode, payload);
    }

    /// <returns>The bytes of the header so far.</returns>
    private static int WriteLength(Span<byte> header, ulong length, LengthForm form)
    {
        switch (form)
        {
            case LengthForm.Shortest when length < 126:
                header[1] = (byte)length;
                return 2;
            case LengthForm.Shortest or LengthForm.SixteenBits when length <= ushort.MaxValue:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
                return 4;
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], length);
                return 10;
        }
    }
}
