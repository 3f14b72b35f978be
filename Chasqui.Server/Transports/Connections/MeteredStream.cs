using Chasqui.Server.Delivery;

namespace Chasqui.Server.Transports.Connections;

/// <summary>
/// The stream under a WebSocket, for what the framework's WebSocket does not offer: it charges the client for pings, pongs, empty
/// messages and fragments, which the framework handles without a word, and it can send several messages in one packet.
/// </summary>
internal sealed class MeteredStream(Stream inner) : SocketStream(inner)
{
    /// <summary>A packet larger than this saves nothing.</summary>
    private const int MaxHeldBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private WebSocketFrameReader _frames;
    private ClientConnection? _connection;
    private int _early;
    private byte[]? _held;
    private int _length;

    /// <summary>
    /// Whether more follows at once. Only the connection's output sets it; pings of the WebSocket may be held with the rest.
    /// </summary>
    public bool Corked { get; set; }

    /// <summary>Charges a connection for what the client has sent, and sends from now on.</summary>
    public void Serve(ClientConnection connection)
    {
        Volatile.Write(ref _connection, connection);
        connection.Count(Interlocked.Exchange(ref _early, 0));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        _frames.Read(buffer.Span[..read]);
        Charge();
        return read;
    }

    /// <summary>Sends what was held, and holds nothing from now on.</summary>
    public ValueTask UncorkAsync()
    {
        Corked = false;
        lock (_gate)
        {
            if (_held is null)
            {
                return ValueTask.CompletedTask;
            }
        }

        return WriteAsync(ReadOnlyMemory<byte>.Empty);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        byte[] held;
        int length;
        lock (_gate)
        {
            if (_held is null && !Corked)
            {
                return base.WriteAsync(buffer, cancellationToken);
            }

            Hold(buffer.Span);
            if (Corked && _length < MaxHeldBytes)
            {
                return ValueTask.CompletedTask;
            }

            (held, length) = (_held!, _length);
            (_held, _length) = (null, 0);
        }

        var written = base.WriteAsync(held.AsMemory(0, length), cancellationToken);
        if (!written.IsCompletedSuccessfully)
        {
            return ReturnAsync(written, held);
        }

        ArrayPool<byte>.Shared.Return(held);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask ReturnAsync(ValueTask written, byte[] held)
    {
        // Not returned after a failure: the failed writer may still use it.
        await written;
        ArrayPool<byte>.Shared.Return(held);
    }

    private void Charge()
    {
        if (Volatile.Read(ref _connection) is not { } connection)
        {
            Interlocked.Add(ref _early, _frames.ControlFrames + _frames.EmptyMessages);
            return;
        }

        // The receiver of the raw transport counts every message, empty ones too.
        connection.Count(_frames.ControlFrames + (connection.IsRaw ? 0 : _frames.EmptyMessages));
        if (_frames.MostFragments > connection.MaxFragments)
        {
            connection.Close(CloseReason.TooManyFragments);
        }
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        _held ??= ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, 1024));
        if (_held.Length - _length < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _held.Length, _length + bytes.Length));
            _held.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_held);
            _held = larger;
        }

        bytes.CopyTo(_held.AsSpan(_length));
        _length += bytes.Length;
    }
}
