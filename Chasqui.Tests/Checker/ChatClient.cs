using System.Diagnostics;
using Chasqui.Protocol;

namespace Chasqui.Tests.Checker;

/// <summary>
/// A client as its author should write it: it keeps a window of messages under way, comes back by itself when the
/// connection is lost, goes on after the newest message it has, and sends again, under the same id, whatever has no answer.
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
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChatSocket? _socket;
    private (Room Room, long Seq)? _awayUntil;
    private volatile bool _finishing;
    private int _joins;
    private int _underWay;
    private bool _refused;
    private bool _leaving;
    private int _left;

    public ClientRecord Record => record;

    public Account Account => account;

    /// <summary>Completes when the client has joined its rooms for the first time.</summary>
    public Task Joined => _joined.Task;

    /// <summary>Completes when the budget is used up and every message of this client has its ack.</summary>
    public Task SentAll => _sentAll.Task;

    /// <summary>Ends when the client has seen everything and has left its rooms.</summary>
    public async Task RunAsync(Api api, CancellationToken stop)
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

    /// <summary>The budget is used up, and perhaps this client has nothing to wait for.</summary>
    public void OnOver()
    {
        if (!record.HasPending)
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

    /// <summary>Sends one message now; for loads without a window, at a pace.</summary>
    /// <param name="dueAt">When it should have gone: a delay on this side counts as latency too.</param>
    public async Task SendOneAsync(long dueAt)
    {
        await _sending.WaitAsync();
        try
        {
            await SendAsync(record.Begin(dueAt));
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task SessionAsync(ChatSocket socket, Api api)
    {
        (_socket, _joins, _underWay, _refused, _leaving, _left) = (socket, 0, 0, false, false, 0);
        for (var place = 0; place < record.Rooms.Count; place++)
        {
            await socket.JoinAsync(record.Rooms[place].Conversation, place, record.BeginSession(place));
        }

        await RetryAsync();
        while (_left < record.Rooms.Count)
        {
            var received = await socket.ReceiveAsync();
            switch (received.Kind)
            {
                case ReceivedKind.Message:
                    OnMessage(socket, received);
                    break;
                case ReceivedKind.Ack when received.Request.Kind == RequestKind.Send:
                    await OnAckAsync(received);
                    break;
                case ReceivedKind.Ack when received.Request.Kind == RequestKind.Join:
                    await OnJoinedAsync(api, received);
                    break;
                case ReceivedKind.Ack:
                    _left++;
                    break;
                case ReceivedKind.Error:
                    await OnErrorAsync(received);
                    break;
            }

            if (_finishing)
            {
                await LeaveIfCaughtUpAsync();
            }
        }
    }

    private void OnMessage(ChatSocket socket, in Received message)
    {
        var place = record.Rooms[0].Conversation == message.Conversation ? 0 : 1;
        record.Delivered(place, message.ToDelivery());
        if (hangsUp && !_finishing && _random.Next(1_000) == 0)
        {
            _awayUntil = (record.Rooms[place], message.Seq + _random.Next(2 * ChatLimits.MaxReplayedMessages));
            socket.Abort();
            throw new ConnectionLostException();
        }
    }

    private async ValueTask OnAckAsync(Received ack)
    {
        record.Acknowledged(ack);
        record.Rooms[ack.Request.Number % record.Rooms.Count].Acknowledged(ack.Seq);
        progress.Acknowledged(ack.Duplicate);
        await OnAnswerAsync();
    }

    private async ValueTask OnJoinedAsync(Api api, Received ack)
    {
        var (place, replayed) = (ack.Request.Number, ack.Replayed ?? true);
        var after = record.Joined(place, ack.Seq, replayed);
        if (++_joins == record.Rooms.Count)
        {
            _joined.TrySetResult();
        }

        try
        {
            if (!replayed)
            {
                record.CaughtUp(place, await api.HistoryAsync(record.Rooms[place], account, after, ack.Seq));
            }
        }
        catch (HttpRequestException e)
        {
            throw new ConnectionLostException(e);
        }
    }

    private async ValueTask OnErrorAsync(Received error)
    {
        if (error.Code is not (ErrorCodes.StorageUnavailable or ErrorCodes.Overloaded or ErrorCodes.ServerStopping))
        {
            record.Surprised($"client {record.Index} was refused with '{error.Code}' ({error.Request})");
        }

        if (error.Code == ErrorCodes.StorageUnavailable)
        {
            progress.StorageRefused();
        }

        if (error.Request.Kind != RequestKind.Send)
        {
            throw new ConnectionLostException();
        }

        if (error.Code != ErrorCodes.ServerStopping)
        {
            record.Refused(error.Request.Number);
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
        while (options.Window > 0 && _underWay < options.Window && progress.TryTake())
        {
            await SendAsync(record.Begin(Stopwatch.GetTimestamp()));
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
