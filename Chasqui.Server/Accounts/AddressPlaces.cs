using System.Net;

namespace Chasqui.Server.Accounts;

/// <summary>Places that callers take turns in. One address gets so many, so that it cannot take those of all others.</summary>
internal sealed class AddressPlaces(int mostOfOneAddress)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private int _count;

    /// <summary>How many are taken.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <returns><see langword="false"/> when the address has as many as it may.</returns>
    public bool TryTake(IPAddress address)
    {
        lock (_gate)
        {
            var taken = _addresses.GetValueOrDefault(address);
            if (taken >= mostOfOneAddress)
            {
                return false;
            }

            _addresses[address] = taken + 1;
            _count++;
            return true;
        }
    }

    public void GiveBack(IPAddress address)
    {
        lock (_gate)
        {
            _count--;
            if (--_addresses[address] == 0)
            {
                _addresses.Remove(address);
            }
        }
    }
}
