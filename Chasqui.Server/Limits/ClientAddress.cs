using System.Net.Sockets;

namespace Chasqui.Server.Limits;

internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>
    /// The key of a limit by address: an IPv4 address, or the 64 bits of an IPv6 network, which one client has alone.
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
        // A Unix socket has no address.
        Of(http.Connection.RemoteIpAddress ?? IPAddress.None);

    /// <summary>An IPv4 address that comes in an IPv6 socket as IPv4.</summary>
    public static IPAddress Fold(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Reads an address or a CIDR network, without the framework's short forms such as <c>10.1</c>.</summary>
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
            // The framework takes an address inside the network too; the operator may mean that address alone.
            return IPNetwork.TryParse(text, out var network) && network.BaseAddress.Equals(parsed) ? network : null;
        }

        var address = Fold(parsed);
        return new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }
}
