namespace Chasqui.Server.Transports.Connections;

/// <summary>Counts the control frames (pings, pongs) in the bytes of a WebSocket by their headers (RFC 6455, 5.2).</summary>
internal struct ControlFrameCounter
{
    private const int MaskLength = 4;

    private Part _next;
    private int _mask;
    private int _lengthBytes;
    private long _length;

    /// <summary>What follows the header: the mask and the payload.</summary>
    private long _skip;

    private enum Part
    {
        Opcode,
        Length,
        ExtendedLength,
    }

    /// <returns>How many begin in these bytes, which follow the ones before.</returns>
    public int In(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            count += Read(bytes[0]);
            bytes = bytes[1..];
        }

        return count;
    }

    private int Read(byte value)
    {
        switch (_next)
        {
            case Part.Opcode:
                _next = Part.Length;
                return (value & 0x08) != 0 ? 1 : 0;
            case Part.Length:
                _mask = (value & 0x80) != 0 ? MaskLength : 0;
                _length = value & 0x7F;
                _lengthBytes = _length switch { 126 => 2, 127 => 8, _ => 0 };
                if (_lengthBytes > 0)
                {
                    _length = 0;
                    _next = Part.ExtendedLength;
                    return 0;
                }

                break;
            default:
                _length = (_length << 8) | value;
                if (--_lengthBytes > 0)
                {
                    return 0;
                }

                break;
        }

        // A length that is none ends the connection.
        _skip = Math.Max(_length, 0) + _mask;
        _next = Part.Opcode;
        return 0;
    }
}
