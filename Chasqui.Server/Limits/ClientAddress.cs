using System.Net;
using System.Net.Sockets;

namespace Chasqui.Server.Limits;

/// <summary>Who is who among addresses.</summary>
internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>
    /// What a limit by address goes by: an IPv4 address, or the 64 bits of an IPv6 network, which one client has to itself.
    /// </summary>
    // Nobody has an address where the server listens on a Unix socket.
    public static IPAddress Of(HttpContext http) => Key(http.Connection.RemoteIpAddress ?? IPAddress.None);

    /// <summary>The same address for all that are to be taken for one client.</summary>
    public static IPAddress Key(IPAddress address)
    {
        address = Fold(address);
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return new IPAddress(bytes);
    }

    /// <summary>An IPv4 address is the same one when it comes in an IPv6 socket.</summary>
    public static IPAddress Fold(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
