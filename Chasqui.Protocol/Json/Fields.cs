using System.Text.Json;

namespace Chasqui.Protocol.Json;

/// <summary>The fields that are written by hand.</summary>
internal static class Fields
{
    public static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    public static readonly JsonEncodedText Message = JsonEncodedText.Encode("message");
    public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    public static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("request_id");
    public static readonly JsonEncodedText ConversationId = JsonEncodedText.Encode("conversation_id");
    public static readonly JsonEncodedText MessageId = JsonEncodedText.Encode("message_id");
    public static readonly JsonEncodedText SenderId = JsonEncodedText.Encode("sender_id");
    public static readonly JsonEncodedText Content = JsonEncodedText.Encode("content");
    public static readonly JsonEncodedText MessageType = JsonEncodedText.Encode("message_type");
    public static readonly JsonEncodedText CreatedAt = JsonEncodedText.Encode("created_at");
    public static readonly JsonEncodedText Seq = JsonEncodedText.Encode("seq");
    public static readonly JsonEncodedText EditedAt = JsonEncodedText.Encode("edited_at");
    public static readonly JsonEncodedText DeletedAt = JsonEncodedText.Encode("deleted_at");
    public static readonly JsonEncodedText ReplyTo = JsonEncodedText.Encode("reply_to");
    public static readonly JsonEncodedText Mentions = JsonEncodedText.Encode("mentions");
    public static readonly JsonEncodedText Reactions = JsonEncodedText.Encode("reactions");
    public static readonly JsonEncodedText Emoji = JsonEncodedText.Encode("emoji");
    public static readonly JsonEncodedText Count = JsonEncodedText.Encode("count");
    public static readonly JsonEncodedText UpdatedSeq = JsonEncodedText.Encode("updated_seq");
    public static readonly JsonEncodedText UserIds = JsonEncodedText.Encode("user_ids");
    public static readonly JsonEncodedText Duplicate = JsonEncodedText.Encode("duplicate");
    public static readonly JsonEncodedText Replayed = JsonEncodedText.Encode("replayed");

    /// <summary>Room for the longest prefix, a uuid, and a time.</summary>
    private const int LongestValue = 64;

    public static void WriteId<TId>(this Utf8JsonWriter json, JsonEncodedText name, TId id)
        where TId : struct, IPrefixedId<TId>
    {
        Span<byte> text = stackalloc byte[LongestValue];
        json.WriteString(name, text[..PrefixedId.FormatUtf8(id, text)]);
    }

    public static void WriteIds(this Utf8JsonWriter json, JsonEncodedText name, IEnumerable<UserId> ids)
    {
        Span<byte> text = stackalloc byte[LongestValue];
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteStringValue(text[..PrefixedId.FormatUtf8(id, text)]);
        }

        json.WriteEndArray();
    }

    public static void WriteTime(this Utf8JsonWriter json, JsonEncodedText name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[LongestValue];
        json.WriteString(name, text[..UtcTimeConverter.FormatUtf8(time, text)]);
    }
}
