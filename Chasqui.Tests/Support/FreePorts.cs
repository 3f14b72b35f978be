using System.Net;
using System.Net.Sockets;

namespace Chasqui.Tests.Support;

public static class FreePorts
{
    // Below the range of ephemeral ports: no other program gets the port while its server is down.
    private const int First = 15_000;
    private const int Count = 17_000;

    private static int _last = Random.Shared.Next(Count);

    /// <summary>A free port of this machine.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // It is taken.
            }
        }
    }
}
