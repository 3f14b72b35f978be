namespace Chasqui.Server.Delivery;

/// <param name="piece">The bytes of one flush; empty when a promised piece did not follow.</param>
/// <param name="more">Whether another piece follows at once, so that both may leave in one packet.</param>
internal delegate ValueTask SendPiece(ReadOnlyMemory<byte> piece, bool more);

/// <summary>
/// The output of one connection. It never makes the hub wait: it writes through while the socket keeps up, queues while it does
/// not, and ends the connection when the queue exceeds its limit. What the writer sends after one commit leaves together (<see
/// cref="OutputBatch"/>).
/// </summary>
/// <param name="send">Sends pieces, one at a time, in order.</param>
/// <param name="limit">The bytes that may be queued.</param>
/// <param name="close">Ends the connection; called once, when the limit is passed or sending fails.</param>
internal sealed class ConnectionOutput(SendPiece send, long limit, Action<CloseReason> close) : PipeWriter
{
    /// <summary>
    /// More than this is sent before the end of a batch: a batch may hold far more than a connection may queue.
    /// </summary>
    private const int MaxHeldBytes = 64 * 1024;

    /// <summary>An answer fits, with room for what the JSON writer asks for in advance.</summary>
    private const int InitialBytes = 512;

    /// <summary>Capacity that the queue keeps when it is empty.</summary>
    private const int KeptCapacity = 16;

    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _queue = new();
    private ArrayBufferWriter<byte>? _buffer;
    private long _queuedBytes;
    private bool _held;
    private bool _sending;
    private bool _waiting;
    private bool _promised;
    private bool _ended;
    private TaskCompletionSource? _drained;

    public override bool CanGetUnflushedBytes => true;

    /// <summary>Bytes that wait for the socket.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    public override long UnflushedBytes => _buffer?.WrittenCount ?? 0;

    public override Memory<byte> GetMemory(int sizeHint = 0) => Buffer().GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => Buffer().GetSpan(sizeHint);

    public override void Advance(int bytes) => Buffer().Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        // Each flush is one piece with a buffer of its own; an idle connection has no buffer.
        if (Interlocked.Exchange(ref _buffer, null) is { WrittenCount: > 0 } buffer)
        {
            Send(buffer.WrittenMemory);
        }

        return ValueTask.FromResult(default(FlushResult));
    }

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

    /// <summary>
    /// Sends or queues a piece without copying it: a broadcast is encoded once, into an array that is never changed.
    /// </summary>
    public void Send(ReadOnlyMemory<byte> piece)
    {
        bool waits, overflow;
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            waits = _sending || _held || (_held = OutputBatch.TryHold(this));
            if (waits)
            {
                _queue.Enqueue(piece);
                _queuedBytes += piece.Length;
                if (_queuedBytes <= (_sending ? limit : MaxHeldBytes))
                {
                    return;
                }
            }

            overflow = _sending;
            if (overflow)
            {
                _ended = true;
                Clear();
            }

            _sending = true;
        }

        if (overflow)
        {
            close(CloseReason.TooSlow);
        }
        else if (waits || TrySend(piece, more: false))
        {
            Pump();
        }
    }

    /// <summary>Sends a piece, unless the connection does not keep up: then it is dropped.</summary>
    public void SendOrDrop(ReadOnlyMemory<byte> piece)
    {
        if (!Volatile.Read(ref _waiting))
        {
            Send(piece);
        }
    }

    /// <summary>Sends what was held.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _held = false;
            if (_sending)
            {
                return;
            }

            _sending = true;
        }

        Pump();
    }

    /// <summary>Drops what is queued and accepts nothing more.</summary>
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
            return _sending || _queue.Count > 0
                ? (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
        }
    }

    /// <summary>Completes when the queue is at most a quarter full; replays wait for it before each page.</summary>
    public Task WhenRoomAsync() => QueuedBytes <= limit / 4 ? Task.CompletedTask : WhenDrainedAsync();

    private ArrayBufferWriter<byte> Buffer() => _buffer ??= new ArrayBufferWriter<byte>(InitialBytes);

    /// <summary>Sends what is queued for as long as the socket takes it at once. One runs at a time.</summary>
    private void Pump()
    {
        while (TryDequeue(out var piece, out var more) && TrySend(piece, more))
        {
        }
    }

    /// <returns>Whether the socket took it at once; otherwise what is queued follows when it has.</returns>
    private bool TrySend(ReadOnlyMemory<byte> piece, bool more)
    {
        var sent = StartSending(piece, more);
        if (sent.IsCompletedSuccessfully)
        {
            sent.GetAwaiter().GetResult();
            return true;
        }

        // What is sent from here on waits for the reader.
        Volatile.Write(ref _waiting, true);
        _ = PumpAsync(sent);
        return false;
    }

    private ValueTask StartSending(ReadOnlyMemory<byte> piece, bool more)
    {
        try
        {
            return send(piece, more);
        }
#pragma warning disable CA1031 // As in PumpAsync.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    /// <summary>Goes on where the socket has to be waited for.</summary>
    private async Task PumpAsync(ValueTask sent)
    {
        try
        {
            await sent;
            while (TryDequeue(out var piece, out var more))
            {
                await StartSending(piece, more);
            }
        }
#pragma warning disable CA1031 // Any exception of the transport means that this connection is gone.
        catch (Exception)
#pragma warning restore CA1031
        {
            End();
            await FlushHeldAsync();
            close(CloseReason.InternalError);
        }
    }

    /// <summary>Sends what the stream still holds of earlier pieces, which may be the close frame.</summary>
    private async Task FlushHeldAsync()
    {
        await StartSending(ReadOnlyMemory<byte>.Empty, more: false).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (TryDequeue(out _, out _))
        {
        }
    }

    /// <returns><see langword="false"/> when nothing is queued; the socket is then idle.</returns>
    private bool TryDequeue(out ReadOnlyMemory<byte> piece, out bool more)
    {
        TaskCompletionSource? drained;
        lock (_gate)
        {
            if (_queue.TryDequeue(out piece) || _promised)
            {
                _queuedBytes -= piece.Length;
                _promised = more = _queue.Count > 0;
                return true;
            }

            more = false;
            _sending = false;
            _waiting = false;
            if (_queue.Capacity > KeptCapacity)
            {
                _queue.TrimExcess();
            }

            drained = _drained;
            _drained = null;
        }

        drained?.SetResult();
        return false;
    }

    private void Clear()
    {
        _queue.Clear();
        _queuedBytes = 0;
    }
}
