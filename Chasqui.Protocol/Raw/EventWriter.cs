using System.Text.Json;
using Chasqui.Protocol.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>
/// Writes the two events that every message costs. The serializer writes the same, several times slower: it looks the type up,
/// and goes through a converter for each field.
/// </summary>
internal static class EventWriter
{
    /// <summary>Room for the longest prefix, a uuid, and a time.</summary>
    private const int LongestValue = 64;

    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText MessageName = JsonEncodedText.Encode("message");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("request_id");
    private static readonly JsonEncodedText ConversationIdName = JsonEncodedText.Encode("conversation_id");
    private static readonly JsonEncodedText MessageIdName = JsonEncodedText.Encode("message_id");
    private static readonly JsonEncodedText SenderId = JsonEncodedText.Encode("sender_id");
    private static readonly JsonEncodedText Content = JsonEncodedText.Encode("content");
    private static readonly JsonEncodedText MessageType = JsonEncodedText.Encode("message_type");
    private static readonly JsonEncodedText CreatedAt = JsonEncodedText.Encode("created_at");
    private static readonly JsonEncodedText Seq = JsonEncodedText.Encode("seq");
    private static readonly JsonEncodedText Duplicate = JsonEncodedText.Encode("duplicate");
    private static readonly JsonEncodedText Replayed = JsonEncodedText.Encode("replayed");
    private static readonly JsonEncodedText NewMessageType = JsonEncodedText.Encode(nameof(NewMessage));
    private static readonly JsonEncodedText AckType = JsonEncodedText.Encode(nameof(Ack));

    /// <summary>Writes an event, if it is one of the two.</summary>
    public static bool TryWrite(Utf8JsonWriter json, ServerEvent serverEvent)
    {
        switch (serverEvent)
        {
            case NewMessage { Message: var message } when message.GetType() == typeof(Message):
                Write(json, message);
                return true;
            case Ack ack:
                Write(json, ack);
                return true;
            default:
                return false;
        }
    }

    // {"type":"NewMessage","message":{"id":"msg:…","conversation_id":"conv:…","sender_id":"user:…","content":"…",
    // "message_type":"text","created_at":"…","seq":42}}
    private static void Write(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject();
        json.WriteString(Type, NewMessageType);
        json.WriteStartObject(MessageName);
        Write(json, Id, message.Id);
        Write(json, ConversationIdName, message.ConversationId);
        Write(json, SenderId, message.SenderId);
        json.WriteString(Content, message.Content);
        json.WriteString(MessageType, message.MessageType);
        Write(json, CreatedAt, message.CreatedAt);
        json.WriteNumber(Seq, message.Seq);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // {"type":"Ack","request_id":"…","conversation_id":"conv:…","message_id":"msg:…","seq":42,"created_at":"…","duplicate":false},
    // or "replayed" in its place; what does not belong to the request is left out
    private static void Write(Utf8JsonWriter json, Ack ack)
    {
        json.WriteStartObject();
        json.WriteString(Type, AckType);
        if (ack.RequestId is not null)
        {
            json.WriteString(RequestId, ack.RequestId);
        }

        if (ack.ConversationId is { } conversation)
        {
            Write(json, ConversationIdName, conversation);
        }

        if (ack.MessageId is { } message)
        {
            Write(json, MessageIdName, message);
        }

        if (ack.Seq is { } seq)
        {
            json.WriteNumber(Seq, seq);
        }

        if (ack.CreatedAt is { } createdAt)
        {
            Write(json, CreatedAt, createdAt);
        }

        if (ack.Duplicate is { } duplicate)
        {
            json.WriteBoolean(Duplicate, duplicate);
        }

        if (ack.Replayed is { } replayed)
        {
            json.WriteBoolean(Replayed, replayed);
        }

        json.WriteEndObject();
    }

    private static void Write<TId>(Utf8JsonWriter json, JsonEncodedText name, TId id)
        where TId : struct, IPrefixedId<TId>
    {
        Span<byte> text = stackalloc byte[LongestValue];
        json.WriteString(name, text[..PrefixedId.FormatUtf8(id, text)]);
    }

    private static void Write(Utf8JsonWriter json, JsonEncodedText name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[LongestValue];
        json.WriteString(name, text[..UtcTimeConverter.FormatUtf8(time, text)]);
    }
}
