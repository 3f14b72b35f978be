namespace Chasqui.Protocol.Raw;

/// <summary>Makes a frame of the fields that were gathered.</summary>
internal ref partial struct FrameReader
{
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
