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
    public static IPAddress Of(IPAddress remote)
    {
        var address = Fold(remote);
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return new IPAddress(bytes);
    }

    /// <inheritdoc cref="Of(IPAddress)"/>
    public static IPAddress Of(HttpContext http) =>
        // Nobody has an address where the server listens on a Unix socket.
        Of(http.Connection.RemoteIpAddress ?? IPAddress.None);

    /// <summary>An IPv4 address is the same one when it comes in an IPv6 socket.</summary>
    public static IPAddress Fold(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Reads an address or a network in CIDR notation; the short forms that the framework takes, such as <c>10.1</c>, are none.</summary>
    public static IPNetwork? ParseNetwork(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var parsed)
            || (parsed.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') != 3))
        {
            return null;
        }

        if (slash >= 0)
        {
            // The framework takes an address inside of the network too: whoever writes one may mean it alone.
            return IPNetwork.TryParse(text, out var network) && network.BaseAddress.Equals(parsed) ? network : null;
        }

        var address = Fold(parsed);
        return new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }
}
