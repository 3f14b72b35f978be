using System.Diagnostics;
using System.Globalization;

namespace Chasqui.Bench.Clients;

/// <summary>What is said: a hundred bytes that tell when they were due.</summary>
internal static class Text
{
    public const int Length = 100;

    private const int Digits = 19;

    private static ReadOnlySpan<byte> Mark => "due="u8;

    /// <param name="text">Where it is written to: <see cref="Length"/> bytes.</param>
    /// <param name="due">A timestamp of <see cref="Stopwatch"/>.</param>
    public static void Write(Span<byte> text, long due)
    {
        text.Fill((byte)'x');
        Mark.CopyTo(text);
        due.TryFormat(text[Mark.Length..], out _, "D19", CultureInfo.InvariantCulture);
    }

    /// <summary>When a text was due, wherever in a record it stands.</summary>
    public static long Due(ReadOnlySpan<byte> record) =>
        long.Parse(record.Slice(record.IndexOf(Mark) + Mark.Length, Digits), CultureInfo.InvariantCulture);
}
