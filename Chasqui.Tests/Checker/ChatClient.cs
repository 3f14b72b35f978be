using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>
/// A client as its author should write it: it keeps a window of messages in flight, reconnects when the connection
/// is lost, resumes after its newest message, and sends every unanswered message again under the same id.
/// </summary>
internal sealed class ChatClient(
    ClientRecord record, Account account, bool hangsUp, LoadOptions options, LoadProgress progress, Nodes nodes,
    Func<Uri, CancellationToken, Task<ChatSocket>> connect) : IDisposable
{
    /// <summary>Between two attempts to connect, or to send what was refused.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(options.Seed + record.Index);
    private readonly SemaphoreSlim _sending = new(1);
    private readonly TaskCompletionSource _sentAll = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChatSocket? _socket;
    private (Room Room, long Seq)? _awayUntil;
    private volatile bool _finishing;
    private int _underWay;
    private bool _refused;
    private bool _leaving;
    private int _left;

    public ClientRecord Record => record;

    public Account Account => account;

    /// <summary>Completes when the budget is used up and every message of this client has its ack.</summary>
    public Task SentAll => _sentAll.Task;

    /// <summary>What it waits for.</summary>
    public override string ToString() =>
        $"client {record.Index}: {record.PendingCount} unanswered, {_underWay} of them under way{(_refused ? ", after a refusal" : "")}";

    /// <summary>Ends when the client has seen everything and has left its rooms.</summary>
    public async Task RunAsync(Api api, CancellationToken stop)
    {
        try
        {
            await ReconnectAsync(api, stop);
        }
        catch (Exception e)
        {
            _sentAll.TrySetException(e);
            throw;
        }
    }

    /// <summary>The budget is used up, and perhaps this client has nothing to wait for.</summary>
    public void OnOver()
    {
        if (record.PendingCount == 0)
        {
            _sentAll.TrySetResult();
        }
    }

    /// <summary>All sending is over: the client leaves as soon as it has seen the end.</summary>
    public async Task FinishAsync()
    {
        _finishing = true;
        try
        {
            await LeaveIfCaughtUpAsync();
        }
        catch (ConnectionLostException)
        {
            // It comes back, and leaves then.
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task ReconnectAsync(Api api, CancellationToken stop)
    {
        while (_left < record.Rooms.Count)
        {
            try
            {
                await using var socket = await connect(await nodes.NextAsync(stop), stop);
                await using var abort = stop.UnsafeRegister(static socket => ((ChatSocket)socket!).Abort(), socket);
                await SessionAsync(socket, api);
            }
            catch (ConnectionLostException) when (!stop.IsCancellationRequested)
            {
                var ready = _awayUntil is { } away ? away.Room.WhenAsync(away.Seq) : Task.Delay(RetryDelay, stop);
                await ready.WaitAsync(stop);
                _awayUntil = null;
            }
        }
    }

    private async Task SessionAsync(ChatSocket socket, Api api)
    {
        (_socket, _underWay, _refused, _leaving, _left) = (socket, 0, false, false, 0);
        for (var place = 0; place < record.Rooms.Count; place++)
        {
            await socket.JoinAsync(record.Rooms[place].Conversation, place, record.BeginSession(place));
        }

        await RetryAsync();
        while (_left < record.Rooms.Count)
        {
            switch (await socket.ReceiveAsync())
            {
                case NewMessage received:
                    OnMessage(socket, received.Message);
                    break;
                case Ack ack when Request.Of(ack.RequestId) is { Kind: RequestKind.Send } request:
                    await OnAckAsync(request.Number, ack);
                    break;
                case Ack ack when Request.Of(ack.RequestId) is { Kind: RequestKind.Join } request:
                    await OnJoinedAsync(api, request.Number, ack);
                    break;
                case Ack:
                    _left++;
                    break;
                case Error error:
                    await OnErrorAsync(Request.Of(error.RequestId), error);
                    break;
            }

            if (_finishing)
            {
                await LeaveIfCaughtUpAsync();
            }
        }
    }

    private void OnMessage(ChatSocket socket, Message message)
    {
        var place = record.Rooms[0].Conversation == message.ConversationId.Value ? 0 : 1;
        record.Delivered(place, Delivery.Of(message));
        if (hangsUp && !_finishing && _random.Next(1_000) == 0)
        {
            _awayUntil = (record.Rooms[place], message.Seq + _random.Next(2 * ChatLimits.MaxReplayedMessages));
            socket.Abort();
            throw new ConnectionLostException();
        }
    }

    private async ValueTask OnAckAsync(int number, Ack ack)
    {
        record.Acknowledged(number, ack);
        record.Rooms[number % record.Rooms.Count].Acknowledged(ack.Seq!.Value);
        progress.Acknowledged(ack.Duplicate == true);
        await OnAnswerAsync();
    }

    private async ValueTask OnJoinedAsync(Api api, int place, Ack ack)
    {
        var (seq, replayed) = (ack.Seq!.Value, ack.Replayed ?? true);
        var after = record.Joined(place, seq, replayed);
        try
        {
            if (!replayed)
            {
                record.CaughtUp(place, await api.HistoryAsync(record.Rooms[place], account, after, seq));
            }
        }
        catch (HttpRequestException e)
        {
            throw new ConnectionLostException(e);
        }
    }

    private async ValueTask OnErrorAsync(Request request, Error error)
    {
        if (error.Code is not (ErrorCodes.StorageUnavailable or ErrorCodes.Overloaded or ErrorCodes.ServerStopping))
        {
            record.Surprised($"client {record.Index} was refused with '{error.Code}' ({request})");
        }

        if (error.Code == ErrorCodes.StorageUnavailable)
        {
            progress.StorageRefused();
        }

        if (request.Kind != RequestKind.Send)
        {
            throw new ConnectionLostException();
        }

        if (error.Code != ErrorCodes.ServerStopping)
        {
            record.Refused(request.Number);
        }

        _refused = true;
        await OnAnswerAsync();
    }

    /// <summary>After a refusal nothing new is sent until everything under way is answered; then all of it goes again.</summary>
    private async ValueTask OnAnswerAsync()
    {
        _underWay--;
        if (!_refused)
        {
            await FillWindowAsync();
        }
        else if (_underWay == 0)
        {
            _refused = false;
            await Task.Delay(RetryDelay);
            await RetryAsync();
        }
    }

    private async ValueTask RetryAsync()
    {
        foreach (var send in record.Retry())
        {
            progress.Retried();
            await SendAsync(send);
        }

        await FillWindowAsync();
    }

    private async ValueTask FillWindowAsync()
    {
        while (_underWay < options.Window && progress.TryTake())
        {
            await SendAsync(record.Begin());
        }

        if (progress.Over.IsCompleted)
        {
            OnOver();
        }
    }

    private ValueTask SendAsync(Send send)
    {
        _underWay++;
        return _socket!.SendMessageAsync(record.Rooms[send.Place].Conversation, send.Key);
    }

    private async Task LeaveIfCaughtUpAsync()
    {
        await _sending.WaitAsync();
        try
        {
            if (_leaving || _socket is null || !record.IsCaughtUp())
            {
                return;
            }

            _leaving = true;
            for (var place = 0; place < record.Rooms.Count; place++)
            {
                await _socket.LeaveAsync(record.Rooms[place].Conversation, place);
            }
        }
        finally
        {
            _sending.Release();
        }
    }
}
