using System.Buffers;
using System.Buffers.Binary;

namespace Chasqui.Protocol.Raw;

/// <summary>
/// Delimits frames between the socket and the hub: four bytes of length (little endian), then the frame. A delimiting character
/// would not do: a client can send any character.
/// </summary>
public static class FrameDelimiter
{
    /// <summary>The bytes in front of each frame.</summary>
    public const int Size = sizeof(int);

    /// <summary>The length of a frame whose end has not been received: it is never taken, even if more bytes follow.</summary>
    public const int Unfinished = -1;

    /// <summary>Writes the length of the frame that follows.</summary>
    public static void Write(Span<byte> destination, int frameLength) =>
        BinaryPrimitives.WriteInt32LittleEndian(destination, frameLength);

    /// <summary>Takes one whole frame off the input.</summary>
    /// <exception cref="InvalidDataException">The length is invalid.</exception>
    public static bool TryTakeFrame(ref ReadOnlySequence<byte> input, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        Span<byte> prefix = stackalloc byte[Size];
        if (input.Length < Size)
        {
            return false;
        }

        input.Slice(0, Size).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length < Unfinished)
        {
            throw new InvalidDataException($"A frame of {length} bytes");
        }

        if (length == Unfinished || input.Length - Size < length)
        {
            return false;
        }

        frame = input.Slice(Size, length);
        input = input.Slice(Size + length);
        return true;
    }
}
