using System.Buffers;
using System.IO.Pipelines;

namespace Chasqui.Server.Delivery;

/// <summary>
/// The output of one connection. It never makes the hub wait: it writes through while the socket keeps up, queues while
/// it does not, and closes the connection when the queue passes its limit.
/// </summary>
/// <param name="send">Sends what one flush wrote, as one piece.</param>
/// <param name="limit">The bytes that may be queued.</param>
/// <param name="close">Ends the connection; called once, when the limit is passed or sending fails.</param>
internal sealed class ConnectionOutput(
    Func<ReadOnlyMemory<byte>, ValueTask> send, long limit, Action<OutputEnd> close) : PipeWriter
{
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _queue = new();
    private ArrayBufferWriter<byte>? _buffer;
    private long _queuedBytes;
    private bool _sending;
    private bool _ended;
    private TaskCompletionSource? _drained;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _buffer?.WrittenCount ?? 0;

    public override Memory<byte> GetMemory(int sizeHint = 0) => Buffer().GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => Buffer().GetSpan(sizeHint);

    public override void Advance(int bytes) => Buffer().Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        // What was written becomes one piece of its own; the next one gets a new buffer, and an idle connection has none.
        if (Interlocked.Exchange(ref _buffer, null) is { WrittenCount: > 0 } buffer)
        {
            Send(buffer.WrittenMemory);
        }

        return ValueTask.FromResult(default(FlushResult));
    }

    /// <summary>
    /// Sends a piece without copying it. SignalR calls this with a broadcast that it has encoded once for everybody, in an
    /// array that nobody changes any more; so it may also be queued as it is.
    /// </summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (!source.IsEmpty)
        {
            Send(source);
        }

        return ValueTask.FromResult(default(FlushResult));
    }

    public override void CancelPendingFlush()
    {
        // No flush is ever pending.
    }

    public override void Complete(Exception? exception = null) => End();

    /// <summary>Takes nothing more, and forgets what is queued.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Clear();
        }
    }

    /// <summary>Completes when nothing waits for the socket, or the connection has ended.</summary>
    public Task WhenDrainedAsync()
    {
        lock (_gate)
        {
            return _sending
                ? (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
        }
    }

    /// <summary>Completes when the queue is far from its limit: what sends much and can wait asks before it goes on.</summary>
    public Task WhenRoomAsync() => Interlocked.Read(ref _queuedBytes) <= limit / 4 ? Task.CompletedTask : WhenDrainedAsync();

    private ArrayBufferWriter<byte> Buffer() => _buffer ??= new ArrayBufferWriter<byte>(256);

    private void Send(ReadOnlyMemory<byte> piece)
    {
        if (TryQueue(piece, out var overflow))
        {
            if (overflow)
            {
                close(OutputEnd.TooSlow);
            }

            return;
        }

        var sent = StartSending(piece);
        if (sent.IsCompletedSuccessfully)
        {
            sent.GetAwaiter().GetResult();
            if (TryDequeue(out var next))
            {
                _ = PumpAsync(StartSending(next));
            }
        }
        else
        {
            _ = PumpAsync(sent);
        }
    }

    /// <returns><see langword="false"/> when the socket is idle; it is then the caller's to send to.</returns>
    private bool TryQueue(ReadOnlyMemory<byte> piece, out bool overflow)
    {
        overflow = false;
        lock (_gate)
        {
            if (_ended)
            {
                return true;
            }

            if (!_sending)
            {
                _sending = true;
                return false;
            }

            _queue.Enqueue(piece);
            _queuedBytes += piece.Length;
            if (_queuedBytes > limit)
            {
                overflow = true;
                _ended = true;
                Clear();
            }

            return true;
        }
    }

    private ValueTask StartSending(ReadOnlyMemory<byte> piece)
    {
        try
        {
            return send(piece);
        }
#pragma warning disable CA1031 // As in PumpAsync.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    /// <summary>Waits for the socket and sends on what was queued meanwhile. One runs at a time.</summary>
    private async Task PumpAsync(ValueTask sent)
    {
        try
        {
            await sent;
            while (TryDequeue(out var next))
            {
                await StartSending(next);
            }
        }
#pragma warning disable CA1031 // Whatever the transport throws means that this connection is gone, and nothing else.
        catch (Exception)
#pragma warning restore CA1031
        {
            End();
            TryDequeue(out _);
            close(OutputEnd.Failed);
        }
    }

    /// <returns><see langword="false"/> when nothing is queued; the socket is then idle.</returns>
    private bool TryDequeue(out ReadOnlyMemory<byte> piece)
    {
        TaskCompletionSource? drained;
        lock (_gate)
        {
            if (_queue.TryDequeue(out piece))
            {
                _queuedBytes -= piece.Length;
                return true;
            }

            _sending = false;
            drained = _drained;
            _drained = null;
        }

        drained?.SetResult();
        return false;
    }

    private void Clear()
    {
        _queue.Clear();
        _queue.TrimExcess();
        _queuedBytes = 0;
    }
}

/// <summary>Why an output ended before its connection did.</summary>
internal enum OutputEnd
{
    /// <summary>More was queued than the limit allows.</summary>
    TooSlow,

    /// <summary>The socket is gone.</summary>
    Failed,
}
