using System.Text.Json;

namespace Chasqui.Protocol.Json;

/// <summary>
/// Writes messages as the serializer does, several times faster: the serializer looks up the type and calls a converter for each
/// field.
/// </summary>
public static class MessageJson
{
    /// <summary>Writes a message as an object, to a writer that was made with <see cref="ChatJson.WriterOptions"/>.</summary>
    public static void Write(Utf8JsonWriter json, Message message) => Write(json, message, documentedOnly: false);

    /// <param name="json">The writer.</param>
    /// <param name="message">The message.</param>
    /// <param name="documentedOnly">Whether the fields are left out that a raw client gets only after <c>hello</c>.</param>
    internal static void Write(Utf8JsonWriter json, Message message, bool documentedOnly)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(message);

        json.WriteStartObject();
        WriteDocumented(json, message);
        if (!documentedOnly)
        {
            WriteOthers(json, message);
        }

        json.WriteEndObject();
    }

    // "id":"msg:…","conversation_id":"conv:…","sender_id":"user:…","content":"…","message_type":"text","created_at":"…","seq":42
    private static void WriteDocumented(Utf8JsonWriter json, Message message)
    {
        json.WriteId(Fields.Id, message.Id);
        json.WriteId(Fields.ConversationId, message.ConversationId);
        json.WriteId(Fields.SenderId, message.SenderId);
        json.WriteString(Fields.Content, message.Content);
        json.WriteString(Fields.MessageType, message.MessageType);
        json.WriteTime(Fields.CreatedAt, message.CreatedAt);
        json.WriteNumber(Fields.Seq, message.Seq);
    }

    // "edited_at":"…","deleted_at":"…","reply_to":{"id":"msg:…","seq":40},"mentions":["user:…"],
    // "reactions":[{"emoji":"👍","count":1,"user_ids":["user:…"]}],"updated_seq":43, each where it applies
    private static void WriteOthers(Utf8JsonWriter json, Message message)
    {
        if (message.EditedAt is { } editedAt)
        {
            json.WriteTime(Fields.EditedAt, editedAt);
        }

        if (message.DeletedAt is { } deletedAt)
        {
            json.WriteTime(Fields.DeletedAt, deletedAt);
        }

        if (message.ReplyTo is { } answered)
        {
            json.WriteStartObject(Fields.ReplyTo);
            json.WriteId(Fields.Id, answered.Id);
            json.WriteNumber(Fields.Seq, answered.Seq);
            json.WriteEndObject();
        }

        if (message.Mentions is { } mentions)
        {
            json.WriteIds(Fields.Mentions, mentions);
        }

        if (message.Reactions is { } reactions)
        {
            json.WriteStartArray(Fields.Reactions);
            foreach (var reaction in reactions)
            {
                json.WriteStartObject();
                json.WriteString(Fields.Emoji, reaction.Emoji);
                json.WriteNumber(Fields.Count, reaction.Count);
                json.WriteIds(Fields.UserIds, reaction.UserIds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (message.UpdatedSeq is { } updatedSeq)
        {
            json.WriteNumber(Fields.UpdatedSeq, updatedSeq);
        }
    }
}
