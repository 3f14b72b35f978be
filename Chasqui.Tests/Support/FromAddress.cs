using System.Net;
using System.Net.Sockets;

namespace Chasqui.Tests.Support;

public static class FromAddress
{
    /// <summary>A client without an account at another address: all of <c>127.0.0.0/8</c> is this machine.</summary>
    public static HttpClient AnonymousFrom(this TestServer server, string address) => AnonymousFrom(new Uri(server.Url), address);

    /// <inheritdoc cref="AnonymousFrom(TestServer, string)"/>
    public static HttpClient AnonymousFrom(Uri server, string address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address).MapToIPv6(), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = server };
    }
}
