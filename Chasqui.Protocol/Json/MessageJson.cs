using System.Text.Json;

namespace Chasqui.Protocol.Json;

/// <summary>
/// Writes messages as the serializer does, several times faster: the serializer looks up the type and calls a converter for each
/// field.
/// </summary>
public static class MessageJson
{
    /// <summary>Writes a message as an object, to a writer that was made with <see cref="ChatJson.WriterOptions"/>.</summary>
    public static void Write(Utf8JsonWriter json, Message message)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(message);

        // {"id":"msg:…","conversation_id":"conv:…","sender_id":"user:…","content":"…","message_type":"text","created_at":"…",
        // "seq":42}
        json.WriteStartObject();
        json.WriteId(Fields.Id, message.Id);
        json.WriteId(Fields.ConversationId, message.ConversationId);
        json.WriteId(Fields.SenderId, message.SenderId);
        json.WriteString(Fields.Content, message.Content);
        json.WriteString(Fields.MessageType, message.MessageType);
        json.WriteTime(Fields.CreatedAt, message.CreatedAt);
        json.WriteNumber(Fields.Seq, message.Seq);
        json.WriteEndObject();
    }
}
