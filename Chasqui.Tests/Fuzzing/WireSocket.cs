using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Chasqui.Tests.Fuzzing;

/// <summary>One frame off the wire; its payload holds until the next one is read.</summary>
internal readonly record struct WireFrame(byte Opcode, bool IsLast, ReadOnlyMemory<byte> Payload);

/// <summary>A WebSocket client over bare TCP: it sends any bytes.</summary>
internal sealed class WireSocket : IDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private WireSocket()
    {
    }

    /// <summary>How the connection ended: with a reset, or in peace.</summary>
    public string End { get; private set; } = "end of stream";

    /// <summary>Connects, and says nothing yet.</summary>
    public static async Task<WireSocket> DialAsync(Uri server, CancellationToken deadline)
    {
        var socket = new WireSocket();
        await socket._tcp.ConnectAsync(server.Host, server.Port, deadline);
        return socket;
    }

    /// <summary>Connects and shakes hands.</summary>
    public static async Task<WireSocket> OpenAsync(Uri server, string pathAndQuery, CancellationToken deadline)
    {
        var socket = await DialAsync(server, deadline);
        await socket.SendAsync(Encoding.ASCII.GetBytes(Handshake(server, pathAndQuery)), deadline);
        var answer = await socket.ReadHeadAsync(deadline);
        return answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)
            ? socket
            : throw new FindingException($"A valid handshake was answered: {answer}");
    }

    public static string Handshake(Uri server, string pathAndQuery) =>
        $"GET {pathAndQuery} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /// <returns><see langword="false"/> when the server has hung up.</returns>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken deadline)
    {
        try
        {
            await _tcp.GetStream().WriteAsync(bytes, deadline);
            return true;
        }
        catch (Exception e) when (IsHangUp(e))
        {
            return false;
        }
    }

    /// <summary>Sends nothing more, and can still read.</summary>
    public void EndSending()
    {
        try
        {
            _tcp.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was faster.
        }
    }

    /// <summary>Vanishes with a reset, as after a crash.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(enable: true, seconds: 0);
        _tcp.Close();
    }

    /// <summary>The next frame, or <see langword="null"/> at the end of the connection, whichever it is.</summary>
    public async ValueTask<WireFrame?> ReceiveAsync(CancellationToken deadline)
    {
        try
        {
            if (!await FillAsync(2, deadline))
            {
                return null;
            }

            var (opcode, isLast, form) = ((byte)(_buffer[_start] & 15), (_buffer[_start] & 0x80) != 0, _buffer[_start + 1]);
            var header = form switch { 126 => 4, 127 => 10, < 126 => 2, _ => throw new FindingException("A masked frame from the server") };
            if (!await FillAsync(header, deadline))
            {
                return null;
            }

            var length = form switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start + 2)),
                127 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(_buffer.AsSpan(_start + 2))),
                _ => form,
            };
            if (!await FillAsync(header + length, deadline))
            {
                return null;
            }

            var frame = new WireFrame(opcode, isLast, _buffer.AsMemory(_start + header, length));
            _start += header + length;
            return frame;
        }
        catch (Exception e) when (IsHangUp(e))
        {
            End = e.Message;
            return null;
        }
    }

    /// <summary>The status line and the headers of an answer; less, when the server hangs up before.</summary>
    public async Task<string> ReadHeadAsync(CancellationToken deadline)
    {
        try
        {
            while (true)
            {
                var bytes = _buffer.AsMemory(_start, _end - _start);
                if (bytes.Span.IndexOf("\r\n\r\n"u8) is var length and >= 0)
                {
                    _start += length + 4;
                    return Encoding.Latin1.GetString(bytes.Span[..length]);
                }

                if (!await FillAsync(bytes.Length + 1, deadline))
                {
                    return Encoding.Latin1.GetString(bytes.Span);
                }
            }
        }
        catch (Exception e) when (IsHangUp(e))
        {
            return "";
        }
    }

    public void Dispose() => _tcp.Dispose();

    private static bool IsHangUp(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or InvalidOperationException;

    /// <summary>Reads until so many bytes are there.</summary>
    private async ValueTask<bool> FillAsync(int count, CancellationToken deadline)
    {
        while (_end - _start < count)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (count > _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Max(count, 2 * _buffer.Length));
            }

            var read = await _tcp.GetStream().ReadAsync(_buffer.AsMemory(_end), deadline);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }
}
