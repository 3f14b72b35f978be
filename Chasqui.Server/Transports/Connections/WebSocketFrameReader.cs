namespace Chasqui.Server.Transports.Connections;

/// <summary>Reads the headers of WebSocket frames (RFC 6455, 5.2) in bytes that come in pieces of any length.</summary>
internal struct WebSocketFrameReader
{
    private const int MaskLength = 4;

    /// <summary>SignalR's shortest record is <c>{"type":6}</c>: a client that sends less at once splits it on purpose.</summary>
    private const int ShortestMessage = 8;

    private Part _next;
    private byte _first;
    private int _mask;
    private int _lengthBytes;
    private long _length;
    private long _messageLength;
    private int _fragments;

    /// <summary>Bytes of the mask and the payload that follow a header.</summary>
    private long _skip;

    private enum Part
    {
        Opcode,
        Length,
        ExtendedLength,
    }

    /// <summary>The most frames that a message had when its header ended in the last bytes.</summary>
    public int MostFragments { get; private set; }

    /// <summary>Pings, pongs and closes whose headers ended in the last bytes.</summary>
    public int ControlFrames { get; private set; }

    /// <summary>Messages without content, or with hardly any, that ended in the last bytes.</summary>
    public int EmptyMessages { get; private set; }

    public void Read(ReadOnlySpan<byte> bytes)
    {
        (ControlFrames, EmptyMessages, MostFragments) = (0, 0, 0);
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            Read(bytes[0]);
            bytes = bytes[1..];
        }
    }

    private void Read(byte value)
    {
        switch (_next)
        {
            case Part.Opcode:
                _first = value;
                _next = Part.Length;
                return;
            case Part.Length:
                _mask = (value & 0x80) != 0 ? MaskLength : 0;
                _length = value & 0x7F;
                _lengthBytes = _length switch { 126 => 2, 127 => 8, _ => 0 };
                if (_lengthBytes > 0)
                {
                    _length = 0;
                    _next = Part.ExtendedLength;
                    return;
                }

                break;
            default:
                _length = (_length << 8) | value;
                if (--_lengthBytes > 0)
                {
                    return;
                }

                break;
        }

        // The framework closes a connection whose length is negative.
        _skip = Math.Max(_length, 0) + _mask;
        _next = Part.Opcode;
        EndHeader(isFinal: (_first & 0x80) != 0, isControl: (_first & 0x08) != 0);
    }

    private void EndHeader(bool isFinal, bool isControl)
    {
        if (isControl)
        {
            ControlFrames++;
            return;
        }

        _messageLength += _length;
        MostFragments = Math.Max(MostFragments, ++_fragments);
        if (isFinal)
        {
            EmptyMessages += _messageLength < ShortestMessage ? 1 : 0;
            (_messageLength, _fragments) = (0, 0);
        }
    }
}
