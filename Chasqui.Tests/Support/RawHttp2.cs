using System.Net.Sockets;
using System.Text;

namespace Chasqui.Tests.Support;

/// <summary>HTTP/2 by hand, for what <see cref="HttpClient"/> would not send.</summary>
public static class RawHttp2
{
    private const byte Data = 0, Headers = 1, Settings = 4, EndOfHeaders = 4, EndOfStreamAndHeaders = 5;

    /// <summary>What a client sends first.</summary>
    public static byte[] Opening => [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])];

    /// <summary>A request with the beginning of a JSON body, and with headers of 120 bytes.</summary>
    public static byte[] UnfinishedPost(string path, int stream, int bytes, int headers = 0) =>
    [
        .. Frame(Headers, EndOfHeaders, stream,
        [
            .. Field(":method", "POST"), .. Field(":scheme", "http"), .. Field(":authority", "x"), .. Field(":path", path), .. Field("content-type", "application/json"),
            .. Enumerable.Repeat(Field("a", new string('a', 120)), headers).SelectMany(field => field),
        ]),
        .. Frame(Data, 0, stream, [.. "{"u8, .. Enumerable.Repeat((byte)' ', bytes - 1)]),
    ];

    /// <summary>Requests a path, valid or not, and reads until the server answers or refuses.</summary>
    public static async Task RequestAsync(Uri server, string path)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, deadline.Token);
        var stream = client.GetStream();
        byte[] fields = [.. Field(":method", "GET"), .. Field(":scheme", "http"), .. Field(":authority", server.Authority), .. Field(":path", path)];
        await stream.WriteAsync(
            (byte[])[.. Opening, .. Frame(Headers, EndOfStreamAndHeaders, 1, fields)],
            deadline.Token);
        var head = new byte[9];
        do
        {
            await stream.ReadExactlyAsync(head, deadline.Token);
            await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], deadline.Token);
        }
        while (head[8] != 1);
    }

    /// <summary>RFC 7541, 6.2.2: a literal that is not indexed.</summary>
    private static byte[] Field(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
        [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, (byte)(stream >> 8), (byte)stream, .. payload];
}
