using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chasqui.Protocol.Json;

/// <summary>Reads and writes a prefixed id as a JSON string.</summary>
public sealed class PrefixedIdConverter<TId> : JsonConverter<TId>
    where TId : struct, IPrefixedId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && PrefixedId.TryParse<TId>(reader.GetString(), out var id)
            ? id
            : throw new JsonException($"An id must be a string of the form '{TId.Prefix}<uuid>'");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[64];
        writer.WriteStringValue(text[..PrefixedId.FormatUtf8(value, text)]);
    }
}
