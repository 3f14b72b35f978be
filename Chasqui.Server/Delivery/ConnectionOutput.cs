using System.Buffers;
using System.IO.Pipelines;

namespace Chasqui.Server.Delivery;

/// <summary>Sends a piece.</summary>
/// <param name="piece">What one flush wrote; empty when more was promised and did not come.</param>
/// <param name="more">Whether another piece follows at once: this one may wait for it and leave together with it.</param>
internal delegate ValueTask SendPiece(ReadOnlyMemory<byte> piece, bool more);

/// <summary>
/// The output of one connection. It never makes the hub wait: it writes through while the socket keeps up, queues while
/// it does not, and closes the connection when the queue passes its limit. What the writer says after one commit is held
/// until all of it is said, and then leaves together (see <see cref="OutputBatch"/>).
/// </summary>
/// <param name="send">Sends pieces, one at a time, in order.</param>
/// <param name="limit">The bytes that may be queued.</param>
/// <param name="close">Ends the connection; called once, when the limit is passed or sending fails.</param>
internal sealed class ConnectionOutput(SendPiece send, long limit, Action<OutputFailure> close) : PipeWriter
{
    /// <summary>What is held leaves at once when it is more than this: a batch may bring far more than a connection may queue.</summary>
    private const int MaxHeldBytes = 64 * 1024;

    /// <summary>An answer fits, with room for what the JSON writer asks for in advance.</summary>
    private const int InitialBytes = 512;

    /// <summary>Places for pieces that a connection keeps when it has nothing to send.</summary>
    private const int KeptCapacity = 16;

    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _queue = new();
    private ArrayBufferWriter<byte>? _buffer;
    private long _queuedBytes;
    private bool _held;
    private bool _sending;
    private bool _promised;
    private bool _ended;
    private TaskCompletionSource? _drained;

    public override bool CanGetUnflushedBytes => true;

    /// <summary>What waits for the socket at this moment.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

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
    /// Sends a piece without copying it: it may be a broadcast that was encoded once for everybody, in an array that nobody
    /// changes any more; so it may also be queued as it is.
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
            close(OutputFailure.TooSlow);
        }
        else if (waits || TrySend(piece, more: false))
        {
            Pump();
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
            return _sending || _queue.Count > 0
                ? (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
        }
    }

    /// <summary>Completes when the queue is far from its limit: what sends much and can wait asks before it goes on.</summary>
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
#pragma warning disable CA1031 // Whatever the transport throws means that this connection is gone, and nothing else.
        catch (Exception)
#pragma warning restore CA1031
        {
            End();
            await LetGoAsync();
            close(OutputFailure.Failed);
        }
    }

    /// <summary>What the socket holds back of the pieces before leaves even so: its own close may be among it.</summary>
    private async Task LetGoAsync()
    {
        while (TryDequeue(out var piece, out var more))
        {
            await StartSending(piece, more).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

/// <summary>Why an output ended before its connection did.</summary>
internal enum OutputFailure
{
    /// <summary>More was queued than the limit allows.</summary>
    TooSlow,

    /// <summary>The socket is gone.</summary>
    Failed,
}
