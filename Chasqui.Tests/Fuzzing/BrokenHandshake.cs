using System.Globalization;
using System.Text;

namespace Chasqui.Tests.Fuzzing;

/// <summary>Handshakes that never come to an end, or should not: no connection begins with them.</summary>
internal static class BrokenHandshake
{
    public static async Task RunAsync(Uri server, FuzzedTransport transport, Random random)
    {
        using var deadline = new CancellationTokenSource(FuzzedConnection.Deadline);
        using var socket = await WireSocket.DialAsync(server, deadline.Token);
        var handshake = Encoding.Latin1.GetBytes(WireSocket.Handshake(server, transport.PathAndQuery));
        byte[] said = random.Next(4) switch
        {
            0 => handshake[..random.Next(handshake.Length)],
            1 => RandomBytes(random),
            _ => Mutations.Mutate(random, handshake),
        };
        await socket.SendAsync(said, deadline.Token);
        if (random.Next(3) == 0)
        {
            socket.Reset();
            return;
        }

        socket.EndSending();
        var head = await socket.ReadHeadAsync(deadline.Token);
        if (head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
            && int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture) >= 500
            // RFC 9110, 15.6.6: an unknown version of HTTP.
            && !head.StartsWith("HTTP/1.1 505 ", StringComparison.Ordinal))
        {
            throw new FindingException($"A handshake was answered: {head}\n{Encoding.Latin1.GetString(said)}");
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }
}
