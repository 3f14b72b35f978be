using System.Text.Json;
using Chasqui.Protocol.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>
/// Writes the two events that every message needs. The serializer writes the same bytes, several times slower: it looks up the
/// type and calls a converter for each field.
/// </summary>
internal static class EventWriter
{
    private static readonly JsonEncodedText NewMessageType = JsonEncodedText.Encode(nameof(NewMessage));
    private static readonly JsonEncodedText AckType = JsonEncodedText.Encode(nameof(Ack));

    /// <summary>Writes an event, if it is one of the two.</summary>
    public static bool TryWrite(Utf8JsonWriter json, ServerEvent serverEvent, bool documentedOnly)
    {
        switch (serverEvent)
        {
            case NewMessage { Message: var message } when message.GetType() == typeof(Message):
                Write(json, message, documentedOnly);
                return true;
            case Ack ack:
                Write(json, ack);
                return true;
            default:
                return false;
        }
    }

    // {"type":"NewMessage","message":{…}}
    private static void Write(Utf8JsonWriter json, Message message, bool documentedOnly)
    {
        json.WriteStartObject();
        json.WriteString(Fields.Type, NewMessageType);
        json.WritePropertyName(Fields.Message);
        MessageJson.Write(json, message, documentedOnly);
        json.WriteEndObject();
    }

    // {"type":"Ack","request_id":"…","conversation_id":"conv:…","message_id":"msg:…","seq":42,"created_at":"…","duplicate":false},
    // or "replayed" instead of "duplicate"; fields that do not apply are left out
    private static void Write(Utf8JsonWriter json, Ack ack)
    {
        json.WriteStartObject();
        json.WriteString(Fields.Type, AckType);
        if (ack.RequestId is not null)
        {
            json.WriteString(Fields.RequestId, ack.RequestId);
        }

        if (ack.ConversationId is { } conversation)
        {
            json.WriteId(Fields.ConversationId, conversation);
        }

        if (ack.MessageId is { } message)
        {
            json.WriteId(Fields.MessageId, message);
        }

        if (ack.Seq is { } seq)
        {
            json.WriteNumber(Fields.Seq, seq);
        }

        if (ack.CreatedAt is { } createdAt)
        {
            json.WriteTime(Fields.CreatedAt, createdAt);
        }

        if (ack.Duplicate is { } duplicate)
        {
            json.WriteBoolean(Fields.Duplicate, duplicate);
        }

        if (ack.Replayed is { } replayed)
        {
            json.WriteBoolean(Fields.Replayed, replayed);
        }

        json.WriteEndObject();
    }
}
