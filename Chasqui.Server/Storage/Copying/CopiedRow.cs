using System.Buffers;
using System.Buffers.Binary;

namespace Chasqui.Server.Storage.Copying;

/// <summary>
/// A row as it is on both sides: numbers and flags are <see cref="long"/>, everything else is bytes, text in UTF-8.
/// </summary>
internal sealed class CopiedRow(object?[] values)
{
    private const byte Null = 0;
    private const byte Number = 1;
    private const byte Bytes = 2;

    public object?[] Values => values;

    /// <summary>
    /// Its canonical bytes. For each column <c>00</c> where there is nothing, <c>01</c> and a number in eight bytes, or <c>02</c>,
    /// the length in four and so many bytes; big-endian.
    /// </summary>
    public void WriteTo(ArrayBufferWriter<byte> output)
    {
        foreach (var value in values)
        {
            switch (value)
            {
                case null:
                    output.Write([Null]);
                    break;
                case long number:
                    var place = output.GetSpan(1 + sizeof(long));
                    place[0] = Number;
                    BinaryPrimitives.WriteInt64BigEndian(place[1..], number);
                    output.Advance(1 + sizeof(long));
                    break;
                default:
                    var bytes = (byte[])value;
                    place = output.GetSpan(1 + sizeof(int));
                    place[0] = Bytes;
                    BinaryPrimitives.WriteInt32BigEndian(place[1..], bytes.Length);
                    output.Advance(1 + sizeof(int));
                    output.Write(bytes);
                    break;
            }
        }
    }
}
