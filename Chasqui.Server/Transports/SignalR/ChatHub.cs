using Chasqui.Protocol.Raw;
using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Chasqui.Server.Presence;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// What clients of both sockets can ask for. Invocations of one connection begin in the order in which they came and
/// then run side by side, so that a client can have several messages under way in one commit.
/// </summary>
internal sealed class ChatHub(
    MessageLog log, MessageStore messages, MessageChanges changes, ReadMarkStore marks, Mentions mentions, TypingMembers typing,
    PresenceTable presence, IOptions<LimitOptions> limits, UserAllowances allowances)
    : Hub<IChatClient>, IChatHub
{
    private ClientConnection Connection => Context.Features.Get<ClientConnection>()!;

    private UserId User => Connection.Credentials.User;

    private int? MessagesPer10s => limits.Value.Enabled ? limits.Value.MessagesPer10s : null;

    public override async Task OnConnectedAsync()
    {
        // Nothing fails after this, so OnDisconnectedAsync releases it.
        Connection.Allowance = allowances.Hold(User);
        if (!Connection.IsRaw)
        {
            await OptInAsync();
        }

        presence.Connected(Connection);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        allowances.Release(User);
        typing.End(Connection);
        presence.Disconnected(Connection);
        return Task.CompletedTask;
    }

    public async Task<Ack> SendMessage(SendMessage frame)
    {
        RefusedException.ThrowIf(MessageContent.Problem(frame.Content, frame.ClientMessageId));
        RefusedException.ThrowIf(MessageErrors.Refusal(Connection.Allowance, frame.Content));

        Task<Appended> append;
        using (await TurnAsync())
        {
            var replyTo = frame.ReplyTo is { } answered ? await FindReferenceAsync(frame.ConversationId, answered) : null;
            var mentioned = await mentions.FindAsync(frame.ConversationId, frame.Content);
            append = log.AppendAsync(
                new Draft(frame.ConversationId, User, frame.Content, frame.ClientMessageId, replyTo, mentioned), inline: true);
        }

        // From here on the writer thread: the answer is in the connection's output before the next write is announced.
        var appended = await append;
        if (appended.Message is not { } message)
        {
            // Refusals are exceptions, which cost too much for the writer thread.
            await Task.Yield();
            throw new RefusedException(MessageErrors.Of(appended));
        }

        return new Ack
        {
            RequestId = frame.RequestId,
            ConversationId = message.ConversationId,
            MessageId = message.Id,
            Seq = message.Seq,
            CreatedAt = message.CreatedAt,
            Duplicate = appended.Status == AppendStatus.Duplicate,
        };
    }

    public async Task<Ack> Join(Join frame)
    {
        var work = Connection.Allowance?.Work;
        RefusedException.ThrowIf(LimitErrors.Take(work, FixedLimits.WorkPerJoin, LimitErrors.TooMuchWork));

        // Charged by what it costs, not as a frame: a client may join thousands of conversations when it connects.
        Connection.GiveBackFrame();
        Task<Joined?> join;
        using (await TurnAsync())
        {
            if (!Connection.Joined.TryAdd(frame.ConversationId))
            {
                throw new RefusedException(LimitErrors.TooManyJoined);
            }

            join = frame.After is { } after
                ? log.JoinAfterAsync(
                    frame.ConversationId, User, Context.ConnectionId, after, Connection.WhenRoomAsync, Context.ConnectionAborted)
                : log.JoinAsync(frame.ConversationId, User, Context.ConnectionId);
            if (frame.After is not null)
            {
                // The frames that follow wait until the connection has caught up.
                await join;
            }
        }

        if (await join is { } joined)
        {
            if (joined.Replayed is true)
            {
                work?.Charge((int)(joined.LastSeq - frame.After!.Value));
            }

            return new Ack
            {
                RequestId = frame.RequestId,
                ConversationId = frame.ConversationId,
                Seq = joined.LastSeq,
                Replayed = joined.Replayed,
            };
        }

        Connection.Joined.Remove(frame.ConversationId);
        throw new RefusedException(MessageErrors.ConversationNotFound);
    }

    public async Task<Ack> Leave(Leave frame)
    {
        Task leave;
        using (await TurnAsync())
        {
            leave = log.LeaveAsync(frame.ConversationId, Context.ConnectionId);
            Connection.Joined.Remove(frame.ConversationId);
        }

        typing.End(Connection, frame.ConversationId);
        await leave;
        return new Ack { RequestId = frame.RequestId, ConversationId = frame.ConversationId };
    }

    public Task<Ack> EditMessage(EditMessage frame)
    {
        RefusedException.ThrowIf(MessageContent.Problem(frame.Content, clientMessageId: null));
        return ChangeAsync(frame.RequestId, frame.ConversationId, frame.MessageId, frame.Content, async () =>
        {
            var mentioned = await mentions.FindAsync(frame.ConversationId, frame.Content);
            return changes.EditAsync(frame.ConversationId, User, frame.MessageId, frame.Content, mentioned);
        });
    }

    public Task<Ack> DeleteMessage(DeleteMessage frame) => ChangeAsync(
        frame.RequestId, frame.ConversationId, frame.MessageId, content: "",
        () => Task.FromResult(changes.DeleteAsync(frame.ConversationId, User, frame.MessageId)));

    public Task<Ack> React(React frame)
    {
        RefusedException.ThrowIf(MessageErrors.OfEmoji(frame.Emoji));
        return ChangeAsync(
            frame.RequestId, frame.ConversationId, frame.MessageId, frame.Emoji,
            () => Task.FromResult(changes.ReactAsync(frame.ConversationId, User, frame.MessageId, frame.Emoji)));
    }

    public Task<Ack> Unreact(Unreact frame) => ChangeAsync(
        frame.RequestId, frame.ConversationId, frame.MessageId, content: "",
        () => Task.FromResult(changes.UnreactAsync(frame.ConversationId, User, frame.MessageId, frame.Emoji)));

    public async Task<Ack> MarkRead(MarkRead frame)
    {
        RefusedException.ThrowIf(
            LimitErrors.Take(Connection.Allowance?.Work, FixedLimits.WorkPerReadMark, LimitErrors.TooMuchWork));
        var moved = new ReadMarkMoved { ConversationId = frame.ConversationId, UserId = User, Seq = frame.Seq };
        Task<MarkStatus> mark;
        using (await TurnAsync())
        {
            mark = marks.MoveAsync(moved, Context.ConnectionAborted);
        }

        var status = await mark;
        RefusedException.ThrowIf(MessageErrors.Of(status));
        return new Ack
        {
            RequestId = frame.RequestId,
            ConversationId = frame.ConversationId,
            Seq = frame.Seq,
            Duplicate = status == MarkStatus.Duplicate,
        };
    }

    public async Task<Ack> SetTyping(SetTyping frame)
    {
        var work = Connection.Allowance?.Work;
        if (work?.Wait is > 0 and var wait)
        {
            throw new RefusedException(LimitErrors.TooMuchWork with { RetryAfterMs = wait });
        }

        using (await TurnAsync())
        {
            var reached = await typing.SetAsync(Connection, frame.ConversationId, frame.Active, Context.ConnectionAborted)
                ?? throw new RefusedException(MessageErrors.ConversationNotFound);
            work?.Charge(1 + (reached / FixedLimits.ReceiversPerWork));
        }

        return new Ack { RequestId = frame.RequestId, ConversationId = frame.ConversationId };
    }

    public async Task<Ack> SetPresence(SetPresence frame)
    {
        using (await TurnAsync())
        {
            presence.SetAway(Connection, frame.Status == PresenceStatuses.Away);
        }

        return new Ack { RequestId = frame.RequestId };
    }

    /// <summary>Raw only.</summary>
    public async Task<Ack> Hello(Hello frame)
    {
        RequireRaw();
        if (Connection.Hub is { Protocol: RawHubProtocol documented } hub)
        {
            hub.Protocol = documented.OptedIn;
        }

        await OptInAsync();
        await Clients.Caller.Welcome(new Welcome
        {
            ConnectionId = Context.ConnectionId,
            UserId = User,
            ServerVersion = ServerVersion.Current,
            Limits = new WelcomeLimits(limits.Value.MaxFrameBytes, ChatLimits.MaxContentCharacters, MessagesPer10s),
            HeartbeatMs = (int)Heartbeat.Interval.TotalMilliseconds,
            Epoch = log.Epoch,
        });
        return new Ack { RequestId = frame.RequestId };
    }

    /// <summary>Raw only.</summary>
    public async Task<Ack> Ping(Ping frame)
    {
        RequireRaw();
        await Clients.Caller.Pong(new Pong());
        return new Ack { RequestId = frame.RequestId };
    }

    /// <param name="requestId">Of the frame.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="message">The message.</param>
    /// <param name="content">What is stored.</param>
    /// <param name="queueAsync">Queues the change.</param>
    private async Task<Ack> ChangeAsync(
        string? requestId, ConversationId conversation, MessageId message, string content,
        Func<Task<Task<MessageChanged>>> queueAsync)
    {
        RefusedException.ThrowIf(MessageErrors.Refusal(Connection.Allowance, content));
        Task<MessageChanged> change;
        using (await TurnAsync())
        {
            change = await queueAsync();
        }

        var changed = await change;
        return changed.Status is ChangeStatus.Done or ChangeStatus.Duplicate
            ? new Ack
            {
                RequestId = requestId,
                ConversationId = conversation,
                MessageId = message,
                Seq = changed.Committed.Event?.Seq,
                Duplicate = changed.Status == ChangeStatus.Duplicate,
            }
            : throw new RefusedException(MessageErrors.Of(changed));
    }

    private async Task OptInAsync()
    {
        Connection.IsOptedIn = true;
        await Groups.AddToGroupAsync(Context.ConnectionId, GroupNames.OptedIn);
        await Groups.AddToGroupAsync(Context.ConnectionId, GroupNames.User(User));
    }

    private async Task<MessageReference> FindReferenceAsync(ConversationId conversation, MessageId message)
    {
        var (reference, refusal) = await messages.FindReferenceAsync(conversation, User, message, Context.ConnectionAborted);
        RefusedException.ThrowIf(refusal);
        return reference!;
    }

    private void RequireRaw()
    {
        if (!Connection.IsRaw)
        {
            throw new RefusedException(new Error { Code = ErrorCodes.UnknownType, Message = "Only raw clients send this" });
        }
    }

    private ValueTask<FrameOrder.Holder> TurnAsync() =>
        Connection.Order.TakeAsync(Context.ConnectionAborted);
}
