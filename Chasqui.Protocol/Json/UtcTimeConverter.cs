using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chasqui.Protocol.Json;

/// <summary>Writes a time as RFC 3339 in UTC with milliseconds and <c>Z</c>; reads any RFC 3339 time.</summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    private const int LengthToMilliseconds = 23;

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[32];
        writer.WriteStringValue(text[..FormatUtf8(value, text)]);
    }

    /// <returns>The number of bytes written, of at least 28 that there have to be.</returns>
    internal static int FormatUtf8(DateTimeOffset value, Span<byte> text)
    {
        // The framework's own format of a fixed form is several times as fast as one that is spelled out; it has seven
        // digits of a second, of which three are meant.
        value.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[LengthToMilliseconds] = (byte)'Z';
        return LengthToMilliseconds + 1;
    }
}
