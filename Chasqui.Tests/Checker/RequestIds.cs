using System.Buffers.Text;

namespace Chasqui.Tests.Checker;

/// <summary>The <c>request_id</c> of a request: a letter and a number.</summary>
internal static class RequestIds
{
    public static int Write(Request request, Span<byte> destination)
    {
        destination[0] = request.Kind switch
        {
            RequestKind.Send => (byte)'m',
            RequestKind.Join => (byte)'j',
            RequestKind.Leave => (byte)'l',
            _ => throw new ArgumentOutOfRangeException(nameof(request)),
        };
        Utf8Formatter.TryFormat(request.Number, destination[1..], out var written);
        return written + 1;
    }

    public static Request Read(ReadOnlySpan<byte> id)
    {
        var kind = id.IsEmpty ? RequestKind.None : id[0] switch
        {
            (byte)'m' => RequestKind.Send,
            (byte)'j' => RequestKind.Join,
            (byte)'l' => RequestKind.Leave,
            _ => RequestKind.None,
        };
        return kind != RequestKind.None && Utf8Parser.TryParse(id[1..], out int number, out _)
            ? new Request(kind, number)
            : default;
    }
}
