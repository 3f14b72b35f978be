using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Chasqui.Bench.Clients;

/// <summary>
/// One connection that asks for the same page again and again. The framework's client costs as much as the servers that are
/// measured; this one only finds where an answer ends.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] EndOfHeaders = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private byte[] _answer = new byte[64 * 1024];

    public HttpConnection(Uri address, string? token)
    {
        _socket.Connect(IPAddress.Loopback, address.Port);
        var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        _request = Encoding.ASCII.GetBytes($"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\n{authorization}\r\n");
    }

    /// <returns>The bytes of the body.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> GetAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync(_request, cancellationToken);
        var length = 0;
        while (true)
        {
            length += await ReceiveAsync(length, cancellationToken);
            var headers = _answer.AsSpan(0, length).IndexOf(EndOfHeaders);
            if (headers >= 0)
            {
                return await ReadBodyAsync(headers + EndOfHeaders.Length, length, cancellationToken);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(int start, int length, CancellationToken cancellationToken)
    {
        var headers = Encoding.ASCII.GetString(_answer, 0, start);
        if (!headers.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The server refused: {headers.Split('\r')[0]}");
        }

        if (Header(headers, "Content-Length:") is { } bytes)
        {
            while (length < start + bytes)
            {
                length += await ReceiveAsync(length, cancellationToken);
            }

            return _answer.AsMemory(start, bytes);
        }

        // In chunks, of which the last one is empty.
        while (!_answer.AsSpan(0, length).EndsWith("\r\n0\r\n\r\n"u8))
        {
            length += await ReceiveAsync(length, cancellationToken);
        }

        return _answer.AsMemory(start, length - start);
    }

    private static int? Header(string headers, string name)
    {
        var at = headers.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at < 0
            ? null
            : int.Parse(headers.AsSpan(at + name.Length, headers.IndexOf('\r', at) - at - name.Length), CultureInfo.InvariantCulture);
    }

    private async ValueTask<int> ReceiveAsync(int length, CancellationToken cancellationToken)
    {
        if (length == _answer.Length)
        {
            Array.Resize(ref _answer, 2 * length);
        }

        var received = await _socket.ReceiveAsync(_answer.AsMemory(length), cancellationToken);
        return received > 0 ? received : throw new InvalidOperationException("The server closed the connection");
    }
}
