using Chasqui.Protocol;
using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// What clients of both sockets can ask for. Invocations of one connection begin in the order in which they came and
/// then run side by side, so that a client can have several messages under way in one commit.
/// </summary>
internal sealed class ChatHub(
    MessageLog log, IOptions<LimitOptions> limits, UserAllowances allowances, InFlightFrames frames)
    : Hub<IChatClient>, IChatHub
{
    private ClientConnection Connection => Context.Features.Get<ClientConnection>()!;

    private HubSession Session => Connection.Session!;

    private UserId User => Connection.Credentials.User;

    private int? MessagesPer10s => limits.Value.Enabled ? limits.Value.MessagesPer10s : null;

    public override async Task OnConnectedAsync()
    {
        // Nothing fails from here on: what is held is released when the connection ends.
        Connection.Session = HubSession.For(limits.Value, allowances.Hold(User));
        if (!Connection.IsRaw)
        {
            await OptInAsync();
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        allowances.Release(User);
        return Task.CompletedTask;
    }

    public async Task<Ack> SendMessage(SendMessage frame)
    {
        if (MessageContent.Problem(frame.Content, frame.ClientMessageId) is { } problem)
        {
            throw new RefusedException(problem);
        }

        if (Session.Messages?.Take(MessageContent.Units(frame.Content)) is > 0 and var wait)
        {
            throw new RefusedException(MessageErrors.RateLimited with { RetryAfterMs = wait });
        }

        var draft = new Draft(frame.ConversationId, User, frame.Content, frame.ClientMessageId);
        Task<Appended> append;
        using (await TurnAsync())
        {
            if (RawMessageReply.TryPromise(Connection, frame.RequestId, frames) is { } promised)
            {
                log.Append(draft, promised);
                return RawMessageReply.Promised;
            }

            append = log.AppendInlineAsync(draft);
        }

        var answer = MessageReplies.To(await append, frame.RequestId);
        if (answer is Error error)
        {
            // An exception goes a long way from here, and this is the writer's thread.
            await Task.Yield();
            throw new RefusedException(error);
        }

        return (Ack)answer;
    }

    public async Task<Ack> Join(Join frame)
    {
        if (frame.After is not { } after)
        {
            Task<long?> join;
            using (await TurnAsync())
            {
                RequireRoom(frame.ConversationId);
                join = log.JoinAsync(frame.ConversationId, User, Context.ConnectionId);
            }

            return Joined(frame, await join, replayed: null);
        }

        // Whatever this connection asks for next waits until it has caught up.
        using (await TurnAsync())
        {
            RequireRoom(frame.ConversationId);
            var joined = await log.JoinAfterAsync(
                frame.ConversationId, User, Context.ConnectionId, after, Connection.WhenRoomAsync, Context.ConnectionAborted);
            return Joined(frame, joined?.LastSeq, joined?.Replayed);
        }
    }

    public async Task<Ack> Leave(Leave frame)
    {
        Task leave;
        using (await TurnAsync())
        {
            leave = log.LeaveAsync(frame.ConversationId, Context.ConnectionId);
            Session.Joined.Remove(frame.ConversationId);
        }

        await leave;
        return new Ack { RequestId = frame.RequestId, ConversationId = frame.ConversationId };
    }

    /// <summary>Raw only.</summary>
    public async Task<Ack> Hello(Hello frame)
    {
        RequireRaw();
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

    private void RequireRoom(ConversationId conversation)
    {
        if (!Session.Joined.TryAdd(conversation))
        {
            throw new RefusedException(LimitErrors.TooManyJoined);
        }
    }

    private Ack Joined(Join frame, long? lastSeq, bool? replayed)
    {
        if (lastSeq is null)
        {
            Session.Joined.Remove(frame.ConversationId);
            throw new RefusedException(MessageErrors.ConversationNotFound);
        }

        return new Ack
        {
            RequestId = frame.RequestId,
            ConversationId = frame.ConversationId,
            Seq = lastSeq,
            Replayed = replayed,
        };
    }

    private async Task OptInAsync()
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, GroupNames.OptedIn);
        await Groups.AddToGroupAsync(Context.ConnectionId, GroupNames.User(User));
    }

    private void RequireRaw()
    {
        if (!Connection.IsRaw)
        {
            throw new RefusedException(new Error { Code = ErrorCodes.UnknownType, Message = "Only raw clients send this" });
        }
    }

    private ValueTask<FrameOrder.Holder> TurnAsync() =>
        Session.Turn.TakeAsync(Context.ConnectionAborted);
}
