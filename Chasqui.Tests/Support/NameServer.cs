using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Chasqui.Tests.Support;

/// <summary>A DNS server that knows a few IPv4 addresses (RFC 1035).</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int HeaderBytes = 12;

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public NameServer() => _running = RunAsync();

    public ConcurrentDictionary<string, IPAddress> Names { get; } = new();

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var query = await _socket.ReceiveAsync(_stop.Token);
            await _socket.SendAsync(Answer(query.Buffer), query.RemoteEndPoint, _stop.Token);
        }
    }

    private byte[] Answer(byte[] query)
    {
        var name = new List<string>();
        var at = HeaderBytes;
        for (; query[at] > 0; at += query[at] + 1)
        {
            name.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
        }

        // The zero behind the name, type and class.
        var question = query[HeaderBytes..(at + 5)];
        var isIPv4 = question[^3] == 1;
        var address = Names.GetValueOrDefault(string.Join('.', name));
        var header = new byte[HeaderBytes];
        query.AsSpan(0, 2).CopyTo(header);
        // An answer that may recurse; "no such name" where there is none.
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(address is null ? 0x8183 : 0x8180));
        (header[5], header[7]) = (1, (byte)(address is not null && isIPv4 ? 1 : 0));
        // The name of the question, type A, class IN, good for ten minutes, four bytes.
        byte[] record = header[7] == 0 ? [] : [0xC0, HeaderBytes, 0, 1, 0, 1, 0, 0, 2, 0x58, 0, 4, .. address!.GetAddressBytes()];
        return [.. header, .. question, .. record];
    }
}
