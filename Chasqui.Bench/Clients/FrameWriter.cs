using System.Globalization;
using System.Text;

namespace Chasqui.Bench.Clients;

/// <summary>Writes a frame piece by piece.</summary>
internal ref struct FrameWriter(Span<byte> frame)
{
    private readonly Span<byte> _frame = frame;

    public int Length { get; private set; }

    public FrameWriter Add(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_frame[Length..]);
        Length += text.Length;
        return this;
    }

    public FrameWriter Add(string text)
    {
        Length += Encoding.UTF8.GetBytes(text, _frame[Length..]);
        return this;
    }

    public FrameWriter Add(long number)
    {
        number.TryFormat(_frame[Length..], out var written, default, CultureInfo.InvariantCulture);
        Length += written;
        return this;
    }

    public FrameWriter AddText(long due)
    {
        Text.Write(_frame.Slice(Length, Text.Length), due);
        Length += Text.Length;
        return this;
    }
}
