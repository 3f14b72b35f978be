using System.Buffers;

namespace Chasqui.Server.Transports.Connections;

/// <summary>
/// The stream under a raw WebSocket. It can hold back what is written, so that several messages leave in one packet: the
/// framework's WebSocket sends each of its messages at once, and has no setting for that.
/// </summary>
internal sealed class CorkedStream(Stream inner) : SocketStream(inner)
{
    /// <summary>More than this is not held back: larger packets save nothing.</summary>
    private const int MaxHeldBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private byte[]? _held;
    private int _length;

    /// <summary>Whether more follows at once. Only whoever sends sets it; the WebSocket's own pings may be held back with the rest.</summary>
    public bool Corked { get; set; }

    /// <summary>Sends what was held back, and ends the holding back.</summary>
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
        // Not where it fails: whoever failed may hold on to it.
        await written;
        ArrayPool<byte>.Shared.Return(held);
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
