using System.Net;
using System.Net.Sockets;

namespace Chasqui.Tests.Support;

public static class FreePorts
{
    // Below what Linux gives to those who ask for any port: nobody gets it while the server that has it is down.
    private const int First = 15_000;
    private const int Count = 17_000;

    private static int _last = Random.Shared.Next(Count);

    /// <summary>A port of this machine that nobody has.</summary>
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
                // Somebody has it.
            }
        }
    }
}
