using System.Buffers;

namespace Chasqui.Server.WebSockets;

/// <summary>
/// The stream under a raw WebSocket. It can hold back what is written, so that several messages leave in one packet: the
/// framework's WebSocket sends each of its messages at once, and has no setting for that.
/// </summary>
internal sealed class CorkedStream(Stream inner) : Stream
{
    /// <summary>More than this is not held back: larger packets save nothing.</summary>
    private const int MaxHeldBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private byte[]? _held;
    private int _length;

    /// <summary>Whether more follows at once. Only whoever sends sets it; the WebSocket's own pings may be held back with the rest.</summary>
    public bool Corked { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Sends what was held back, and ends the holding back.</summary>
    public ValueTask UncorkAsync()
    {
        Corked = false;
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
                return inner.WriteAsync(buffer, cancellationToken);
            }

            Hold(buffer.Span);
            if (Corked && _length < MaxHeldBytes)
            {
                return ValueTask.CompletedTask;
            }

            (held, length) = (_held!, _length);
            (_held, _length) = (null, 0);
        }

        var written = inner.WriteAsync(held.AsMemory(0, length), cancellationToken);
        if (!written.IsCompletedSuccessfully)
        {
            return ReturnAsync(written, held);
        }

        ArrayPool<byte>.Shared.Return(held);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Kestrel sends what it is given.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
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
