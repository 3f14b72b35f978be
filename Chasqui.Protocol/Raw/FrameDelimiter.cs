using System.Buffers;
using System.Buffers.Binary;

namespace Chasqui.Protocol.Raw;

/// <summary>
/// Marks where one frame ends on the way from the socket to the hub: four bytes of length (little endian), then the
/// frame. A character could not do it, since a client can send any.
/// </summary>
public static class FrameDelimiter
{
    /// <summary>The bytes in front of each frame.</summary>
    public const int Size = sizeof(int);

    /// <summary>Stands for the length until the end of the frame has come: such a frame is never taken, whatever follows.</summary>
    public const int Unfinished = -1;

    /// <summary>Writes the length of the frame that follows.</summary>
    public static void Write(Span<byte> destination, int frameLength) =>
        BinaryPrimitives.WriteInt32LittleEndian(destination, frameLength);

    /// <summary>Takes one whole frame off the input.</summary>
    /// <exception cref="InvalidDataException">The length is none that the adapter writes.</exception>
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
