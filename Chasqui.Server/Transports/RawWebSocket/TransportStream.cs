using Chasqui.Server.Transports.Connections;

namespace Chasqui.Server.Transports.RawWebSocket;

/// <summary>The stream of a connection that has left HTTP.</summary>
internal sealed class TransportStream(ConnectionContext connection) : SocketStream(Null)
{
    private readonly PipeReader _input = connection.Transport.Input;
    private readonly PipeWriter _output = connection.Transport.Output;
    private readonly Lock _gate = new();
    private Task _flushing = Task.CompletedTask;
    private bool _clientEnded;

    /// <summary>
    /// The WebSocket on this stream. An aborted one aborts the connection too, unless the client has ended it and everything is
    /// flushed.
    /// </summary>
    public WebSocket? Owner { get; set; }

    /// <summary>With an empty buffer, waits until bytes have arrived.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var result = await _input.ReadAsync(cancellationToken);
            var read = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
            var (count, isOver) = ((int)read.Length, result.IsCompleted || !result.Buffer.IsEmpty);
            read.CopyTo(buffer.Span);
            _input.AdvanceTo(read.End);
            _clientEnded |= result.IsCompleted;
            if (isOver)
            {
                return count;
            }
        }
    }

    /// <summary>
    /// A pipe takes one flush at a time, and a ping of the WebSocket may come during another write. A closed socket takes
    /// everything: the reader sees the end.
    /// </summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _output.Write(buffer.Span);
            if (!_flushing.IsCompleted)
            {
                return new ValueTask(_flushing = FlushAfterAsync(_flushing));
            }

            var flushing = _output.FlushAsync(CancellationToken.None);
            if (flushing.IsCompletedSuccessfully)
            {
                flushing.GetAwaiter().GetResult();
                return ValueTask.CompletedTask;
            }

            return new ValueTask(_flushing = flushing.AsTask());
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (Owner?.State == WebSocketState.Aborted && !(_clientEnded && _flushing.IsCompleted))
            {
                connection.Abort();
            }
        }

        base.Dispose(disposing);
    }

    private async Task FlushAfterAsync(Task before)
    {
        await before;
        Task flushing;
        lock (_gate)
        {
            flushing = _output.FlushAsync(CancellationToken.None).AsTask();
        }

        await flushing;
    }
}
