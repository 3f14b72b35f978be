using System.Buffers;
using System.Text.Json;
using Chasqui.Protocol.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>
/// Reads one frame of a raw client. <c>type</c> may be at any place of the object, so all known fields are gathered first. A
/// field that the frame's type does not have is ignored with any value, but no field may stand twice.
/// </summary>
internal ref struct FrameReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ChatJson.MaxDepth };

    private static readonly Error Twice = new() { Code = ErrorCodes.InvalidJson, Message = "A field stands twice in the frame" };

    /// <summary>The most frequent first.</summary>
    private static readonly KnownText[] Types =
        [
            new(FrameTypes.Message), new(FrameTypes.Ping), new(FrameTypes.Join), new(FrameTypes.Leave), new(FrameTypes.Read),
            new(FrameTypes.Typing), new(FrameTypes.Presence), new(FrameTypes.React), new(FrameTypes.Unreact), new(FrameTypes.Edit), new(FrameTypes.Delete),
            new(FrameTypes.Hello),
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

    private Error? Build(out ClientFrame? frame)
    {
        frame = null;
        if (_requestId.State == FieldState.Mistyped)
        {
            return Mistyped("request_id", "a string of 1 to 64 characters");
        }

        if (_type.State != FieldState.Read)
        {
            return Missing(_type.State, "type", "a string");
        }

        switch (_type.Value)
        {
            case FrameTypes.Message:
                return BuildMessage(out frame);
            case FrameTypes.Join:
                return BuildJoin(out frame);
            case FrameTypes.Leave:
                return BuildLeave(out frame);
            case FrameTypes.Edit or FrameTypes.Delete or FrameTypes.React or FrameTypes.Unreact:
                return BuildChange(out frame);
            case FrameTypes.Read:
                return BuildRead(out frame);
            case FrameTypes.Typing:
                return BuildTyping(out frame);
            case FrameTypes.Presence:
                return BuildPresence(out frame);
            case FrameTypes.Hello:
                frame = new Hello { RequestId = _requestId.Value };
                return null;
            case FrameTypes.Ping:
                frame = new Ping { RequestId = _requestId.Value };
                return null;
            default:
                return new Error { Code = ErrorCodes.UnknownType, Message = "Unknown frame type" };
        }
    }

    // {"type":"message","conversation_id":"conv:<uuid>","content":"…","client_message_id"?:"…","request_id"?:"…"}
    private readonly Error? BuildMessage(out ClientFrame? frame)
    {
        frame = null;
        if (ReadConversationId(out var conversationId) is { } problem)
        {
            return problem;
        }

        if (_content.State != FieldState.Read)
        {
            return Missing(_content.State, "content", "a string");
        }

        if (_clientMessageId.State == FieldState.Mistyped)
        {
            return Mistyped("client_message_id", "a string of 1 to 64 characters");
        }

        if (_replyTo.State == FieldState.Mistyped || _replyTo is { State: FieldState.Read, Value: null })
        {
            return Mistyped("reply_to", "of the form 'msg:<uuid>'");
        }

        frame = new SendMessage
        {
            ConversationId = conversationId,
            Content = _content.Value!,
            ClientMessageId = _clientMessageId.Value,
            ReplyTo = _replyTo.Value,
            RequestId = _requestId.Value,
        };
        return null;
    }

    // {"type":"join","conversation_id":"conv:<uuid>","after"?:40,"request_id"?:"…"}
    private readonly Error? BuildJoin(out ClientFrame? frame)
    {
        frame = null;
        if (ReadConversationId(out var conversationId) is { } problem)
        {
            return problem;
        }

        if (_after.State == FieldState.Mistyped)
        {
            return Mistyped("after", "a whole number from 0");
        }

        frame = new Join
        {
            ConversationId = conversationId,
            After = _after.State == FieldState.Read ? _after.Value : null,
            RequestId = _requestId.Value,
        };
        return null;
    }

    // {"type":"read","conversation_id":"conv:<uuid>","seq":40,"request_id"?:"…"}
    private readonly Error? BuildRead(out ClientFrame? frame)
    {
        frame = null;
        if (_seq.State != FieldState.Read)
        {
            return Missing(_seq.State, "seq", "a whole number from 0");
        }

        var problem = ReadConversationId(out var conversation);
        frame = problem is null
            ? new MarkRead { ConversationId = conversation, Seq = _seq.Value, RequestId = _requestId.Value }
            : null;
        return problem;
    }

    // {"type":"typing","conversation_id":"conv:<uuid>","active":true,"request_id"?:"…"}
    private readonly Error? BuildTyping(out ClientFrame? frame)
    {
        frame = null;
        if (_active.State != FieldState.Read)
        {
            return Missing(_active.State, "active", "true or false");
        }

        var problem = ReadConversationId(out var conversation);
        frame = problem is null
            ? new SetTyping { ConversationId = conversation, Active = _active.Value, RequestId = _requestId.Value }
            : null;
        return problem;
    }

    // {"type":"presence","status":"away","request_id"?:"…"}
    private readonly Error? BuildPresence(out ClientFrame? frame)
    {
        var isValid = PresenceStatuses.CanBeSet(_status.Value);
        frame = isValid ? new SetPresence { Status = _status.Value!, RequestId = _requestId.Value } : null;
        return isValid ? null : Missing(_status.State, "status", "'online' or 'away'");
    }

    // {"type":"leave","conversation_id":"conv:<uuid>","request_id"?:"…"}
    private readonly Error? BuildLeave(out ClientFrame? frame)
    {
        var problem = ReadConversationId(out var conversation);
        frame = problem is null ? new Leave { ConversationId = conversation, RequestId = _requestId.Value } : null;
        return problem;
    }

    // {"type":"edit","conversation_id":"conv:<uuid>","message_id":"msg:<uuid>","content":"…","request_id"?:"…"}
    // "delete" has no content; "react" and "unreact" have an "emoji".
    private readonly Error? BuildChange(out ClientFrame? frame)
    {
        frame = null;
        if (ReadConversationId(out var conversation) is { } problem)
        {
            return problem;
        }

        if (_messageId is not { State: FieldState.Read, Value: { } message })
        {
            return Missing(_messageId.State, "message_id", "of the form 'msg:<uuid>'");
        }

        var (text, name) = _type.Value == FrameTypes.Edit ? (_content, "content") : (_emoji, "emoji");
        if (_type.Value != FrameTypes.Delete && text.State != FieldState.Read)
        {
            return Missing(text.State, name, "a string");
        }

        frame = _type.Value switch
        {
            FrameTypes.Edit => new EditMessage { ConversationId = conversation, MessageId = message, Content = text.Value! },
            FrameTypes.React => new React { ConversationId = conversation, MessageId = message, Emoji = text.Value! },
            FrameTypes.Unreact => new Unreact { ConversationId = conversation, MessageId = message, Emoji = text.Value! },
            _ => new DeleteMessage { ConversationId = conversation, MessageId = message },
        };
        frame = frame with { RequestId = _requestId.Value };
        return null;
    }

    private readonly Error? ReadConversationId(out ConversationId id)
    {
        id = _conversationId.Value ?? default;
        return _conversationId.State != FieldState.Read ? Missing(_conversationId.State, "conversation_id", "a string")
            : _conversationId.Value is null ? Mistyped("conversation_id", "of the form 'conv:<uuid>'")
            : null;
    }

    private static Error Missing(FieldState state, string field, string expected) =>
        state == FieldState.Absent
            ? new Error { Code = ErrorCodes.InvalidField, Message = $"The field '{field}' is missing" }
            : Mistyped(field, expected);

    private static Error Mistyped(string field, string expected) =>
        new() { Code = ErrorCodes.InvalidField, Message = $"The field '{field}' must be {expected}" };
}
