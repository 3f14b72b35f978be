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

    /// <returns>The number of bytes written, into at least 28.</returns>
    internal static int FormatUtf8(DateTimeOffset value, Span<byte> text)
    {
        // The framework's standard format is several times as fast as a custom one. It writes seven digits of a second; three are
        // kept.
        value.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[LengthToMilliseconds] = (byte)'Z';
        return LengthToMilliseconds + 1;
    }
}
