using System.Buffers.Text;
using System.Text.Json;

namespace Chasqui.Tests.Checker;

/// <summary>Reads raw events and pages of history without making objects of them.</summary>
internal static class EventReader
{
    private const int MaxContentBytes = 1024;

    public static Received Read(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame);
        reader.Read();
        var received = default(Received);
        ReadObject(ref reader, ref received);
        return received;
    }

    /// <summary>Reads an array of messages.</summary>
    public static int ReadPage(ReadOnlySpan<byte> page, List<Delivery> into)
    {
        var reader = new Utf8JsonReader(page);
        reader.Read();
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var message = default(Received);
            ReadObject(ref reader, ref message);
            into.Add(message.ToDelivery());
            count++;
        }

        return count;
    }

    private static void ReadObject(ref Utf8JsonReader reader, ref Received received)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("message"u8))
            {
                // Of a NewMessage an object, of an Error a sentence.
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadObject(ref reader, ref received);
                }
            }
            else
            {
                ReadField(ref reader, ref received);
            }
        }
    }

    private static void ReadField(ref Utf8JsonReader reader, ref Received received)
    {
        var name = reader.ValueSpan;
        reader.Read();
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
            case 10 when name.SequenceEqual("message_id"u8):
                received.Id = ReadId(reader.ValueSpan);
                break;
            case 3 when name.SequenceEqual("seq"u8):
                received.Seq = reader.GetInt64();
                break;
            case 4 when name.SequenceEqual("type"u8):
                received.Kind = ReadKind(reader.ValueSpan);
                break;
            case 4 when name.SequenceEqual("code"u8):
                received.Code = reader.GetString();
                break;
            case 7 when name.SequenceEqual("content"u8):
                received.Key = ReadContent(ref reader);
                break;
            case 8 when name.SequenceEqual("replayed"u8):
                received.Replayed = reader.GetBoolean();
                break;
            case 9 when name.SequenceEqual("duplicate"u8):
                received.Duplicate = reader.GetBoolean();
                break;
            case 10 when name.SequenceEqual("request_id"u8):
                received.Request = RequestIds.Read(reader.ValueSpan);
                break;
            case 15 when name.SequenceEqual("conversation_id"u8):
                received.Conversation = ReadId(reader.ValueSpan);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static ReceivedKind ReadKind(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("NewMessage"u8) ? ReceivedKind.Message
        : type.SequenceEqual("Ack"u8) ? ReceivedKind.Ack
        : type.SequenceEqual("Error"u8) ? ReceivedKind.Error
        : ReceivedKind.Other;

    private static Guid ReadId(ReadOnlySpan<byte> id) =>
        Utf8Parser.TryParse(id[(id.IndexOf((byte)':') + 1)..], out Guid uuid, out _)
            ? uuid
            : throw new InvalidDataException("An id without a uuid");

    private static MessageKey ReadContent(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Contents.KeyOf(reader.ValueSpan);
        }

        if (reader.ValueSpan.Length > MaxContentBytes)
        {
            return MessageKey.Unknown;
        }

        Span<byte> content = stackalloc byte[MaxContentBytes];
        return Contents.KeyOf(content[..reader.CopyString(content)]);
    }
}
