using System.Buffers;

namespace Chasqui.Tests.Protocol;

internal static class Segments
{
    public static ReadOnlySequence<byte> Split(byte[] bytes, params int[] at)
    {
        var first = new Segment(bytes.AsMemory(0, at[0]), 0);
        var last = first;
        for (var i = 0; i < at.Length; i++)
        {
            var end = i + 1 < at.Length ? at[i + 1] : bytes.Length;
            last = last.Append(bytes.AsMemory(at[i], end - at[i]));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>One byte a segment, with an empty one behind each.</summary>
    public static ReadOnlySequence<byte> Scatter(byte[] bytes) =>
        Split(bytes, [.. Enumerable.Range(1, bytes.Length - 1).SelectMany(at => new[] { at, at })]);

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
