using System.Net.Sockets;
using System.Text;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class HandoverTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly byte[] Ping = [0x89, 0x80, 0, 0, 0, 0];
    private static readonly byte[] Pong = [0x8A, 0x00];
    private static readonly byte[] Close = [0x88, 0x80, 0, 0, 0, 0];
    private static readonly byte[] Closed = [0x88, 0x02, 0x03, 0xE8];

    [Fact]
    public async Task FramesSentWithHandshakeAreServed()
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var client = await HandshakeAsync(Ping, deadline.Token);

        Assert.Equal(Pong, await ReadAsync(client, Pong.Length, deadline.Token));
    }

    [Fact]
    public async Task ClientThatStopsSendingAtItsCloseReadsCloseFrame()
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var client = await HandshakeAsync(Close, deadline.Token);
        client.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(Closed, await ReadAsync(client, Closed.Length, deadline.Token));
        Assert.Equal(0, await client.ReadAsync(new byte[1], deadline.Token));
    }

    [Fact]
    public async Task AClientThatEndsWithoutAGoodbyeIsNotReset()
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var client = await HandshakeAsync([], deadline.Token);
        client.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(0, await client.ReadAsync(new byte[1], deadline.Token));
    }

    /// <summary>A client that has read the answer to its handshake, behind which it sent more at once.</summary>
    private async Task<NetworkStream> HandshakeAsync(byte[] more, CancellationToken cancellationToken)
    {
        using var ana = await server.PersonAsync();
        var url = new Uri(server.Url);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port, cancellationToken);
        var client = new NetworkStream(socket, ownsSocket: true);
        var request = Encoding.ASCII.GetBytes($"""
            GET /api/ws/chat?token={ana.Token} HTTP/1.1
            Host: {url.Authority}
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==


            """.ReplaceLineEndings("\r\n"));
        await client.WriteAsync((byte[])[.. request, .. more], cancellationToken);
        var head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var next = new byte[1];
            await client.ReadExactlyAsync(next, cancellationToken);
            head += (char)next[0];
        }

        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        return client;
    }

    private static async Task<byte[]> ReadAsync(NetworkStream client, int length, CancellationToken cancellationToken)
    {
        var frame = new byte[length];
        await client.ReadExactlyAsync(frame, cancellationToken);
        return frame;
    }
}
