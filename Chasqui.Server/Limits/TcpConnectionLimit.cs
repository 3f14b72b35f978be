using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Chasqui.Server.Limits;

/// <summary>
/// How many TCP connections there may be, in all and from one address, from the moment they are accepted and whatever becomes
/// of them: Kestrel's own limit forgets those that were upgraded, and knows no addresses.
/// </summary>
internal sealed class TcpConnectionLimit(ConnectionCapacity capacity, TrustedProxies proxies)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _count;

    /// <summary>Takes a place for a connection until it is closed.</summary>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool TryAdmit(ConnectionContext connection)
    {
        // A proxy is many clients, and so is a Unix socket.
        var address = connection.RemoteEndPoint is IPEndPoint remote && !proxies.Trust(remote.Address)
            ? ClientAddress.Of(remote.Address)
            : null;
        if (!TryEnter(address))
        {
            return false;
        }

        connection.ConnectionClosed.Register(() => Leave(address));
        return true;
    }

    private bool TryEnter(IPAddress? address)
    {
        lock (_gate)
        {
            if (_count >= capacity.Tcp)
            {
                return false;
            }

            if (address is not null)
            {
                if (_byAddress.GetValueOrDefault(address) >= capacity.TcpPerAddress)
                {
                    return false;
                }

                CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, address, out _)++;
            }

            _count++;
            return true;
        }
    }

    private void Leave(IPAddress? address)
    {
        lock (_gate)
        {
            _count--;
            if (address is not null && --CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, address, out _) == 0)
            {
                _byAddress.Remove(address);
            }
        }
    }
}
