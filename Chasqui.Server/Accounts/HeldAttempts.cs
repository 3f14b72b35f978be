using System.Net;

namespace Chasqui.Server.Accounts;

/// <summary>The attempts that have to wait before their password is checked. Callers take turns.</summary>
internal sealed class HeldAttempts
{
    private const int Most = 1_000;
    private const int MostOfOneAddress = 5;

    private readonly Dictionary<IPAddress, int> _addresses = [];
    private int _count;

    /// <summary>
    /// Whether nobody more is to wait. Refusing would be a lock that an attacker can pull, and checking at once does no harm:
    /// the lane for passwords is narrower than this.
    /// </summary>
    public bool IsFull => _count >= Most;

    /// <returns><see langword="false"/> when the address has as many as it may: it must not take the place of all others.</returns>
    public bool TryAdd(IPAddress address)
    {
        var held = _addresses.GetValueOrDefault(address);
        if (held >= MostOfOneAddress)
        {
            return false;
        }

        _addresses[address] = held + 1;
        _count++;
        return true;
    }

    public void Remove(IPAddress address)
    {
        _count--;
        if (--_addresses[address] == 0)
        {
            _addresses.Remove(address);
        }
    }
}
