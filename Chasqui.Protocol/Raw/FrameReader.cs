using System.Buffers;
using System.Text.Json;
using Chasqui.Protocol.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>
/// Reads one frame of a raw client. <c>type</c> may be at any place of the object, so all known fields are gathered first. A
/// field that the frame's type does not have is ignored with any value, but no field may stand twice.
/// </summary>
internal ref partial struct FrameReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ChatJson.MaxDepth };

    private static readonly Error Twice = new() { Code = ErrorCodes.InvalidJson, Message = "A field stands twice in the frame" };

    /// <summary>The most frequent first.</summary>
    private static readonly KnownText[] Types =
        [
            new(FrameTypes.Message), new(FrameTypes.Ping), new(FrameTypes.Join), new(FrameTypes.Leave), new(FrameTypes.Read),
            new(FrameTypes.Typing), new(FrameTypes.Presence), new(FrameTypes.React), new(FrameTypes.Unreact),
            new(FrameTypes.Edit), new(FrameTypes.Delete), new(FrameTypes.Hello),
        ];

    private static readonly KnownText[] Statuses = [new(PresenceStatuses.Online), new(PresenceStatuses.Away)];

    private TextField _type;
    private TextField _requestId;
    private IdField<ConversationId> _conversationId;
    private IdField<MessageId> _messageId;
    private IdField<MessageId> _replyTo;
    private TextField _content;
    private TextField _clientMessageId;
    private TextField _emoji;
    private NumberField _after;
    private NumberField _seq;
    private FlagField _active;
    private TextField _status;
    private bool _hasOthers;

    /// <summary>Reads a frame.</summary>
    /// <param name="json">The frame's bytes.</param>
    /// <param name="frame">The frame, or <see langword="null"/> when it cannot be served.</param>
    /// <returns>What is wrong with it (with its <c>request_id</c>, if that could be read), or <see langword="null"/>.</returns>
    public static Error? Read(in ReadOnlySequence<byte> json, out ClientFrame? frame)
    {
        frame = null;
        var reader = default(FrameReader);
        var problem = reader.Gather(json) ?? reader.Build(out frame);
        return problem is null ? null : problem with { RequestId = reader._requestId.Value };
    }

    private Error? Gather(in ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return new Error { Code = ErrorCodes.InvalidJson, Message = "A frame must be one JSON object" };
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!GatherField(ref reader))
                {
                    return Twice;
                }
            }

            // Anything after the object throws here.
            reader.Read();
            // Read a second time: unknown fields are rare. They come from newer clients, or from attackers.
            return _hasOthers && ChatJson.HasFieldTwice(json) ? Twice : null;
        }
        catch (JsonException)
        {
            _requestId = default;
            return new Error { Code = ErrorCodes.InvalidJson, Message = "The frame is not valid JSON" };
        }
    }

    private bool GatherField(ref Utf8JsonReader reader)
    {
        if (TextField.TextIs(ref reader, "type"u8))
        {
            return _type.TryRead(ref reader, Types);
        }

        if (TextField.TextIs(ref reader, "request_id"u8))
        {
            var first = _requestId.TryRead(ref reader);
            if (!first || _requestId.Value is { } id && !ClientIds.IsValid(id))
            {
                // Must not be echoed, even if the refusal has another reason.
                _requestId = new TextField { State = FieldState.Mistyped };
            }

            return first;
        }

        if (TextField.TextIs(ref reader, "conversation_id"u8))
        {
            return _conversationId.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "content"u8))
        {
            return _content.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "client_message_id"u8))
        {
            return _clientMessageId.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "after"u8))
        {
            return _after.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "seq"u8))
        {
            return _seq.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "message_id"u8))
        {
            return _messageId.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "emoji"u8))
        {
            return _emoji.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "reply_to"u8))
        {
            return _replyTo.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "active"u8))
        {
            return _active.TryRead(ref reader);
        }

        if (TextField.TextIs(ref reader, "status"u8))
        {
            return _status.TryRead(ref reader, Statuses);
        }

        _hasOthers = true;
        reader.Read();
        reader.Skip();
        return true;
    }
}
