using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Chasqui.Server.Limits;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Slows down whoever guesses passwords. What an address has failed at is refused to that address for a while; failures
/// from many addresses only make strangers wait for their answer, so that nobody can lock an owner out from elsewhere.
/// </summary>
/// <remarks>
/// It goes by what was typed, not by the account that it names: a count that name and e-mail address shared would tell that
/// they belong together, and one that only accounts had would tell which ones there are.
/// </remarks>
internal sealed class LoginThrottle(IOptions<LimitOptions> limits, TimeProvider clock) : IDisposable
{
    private const int MaxRemembered = 100_000;

    // Past it strangers are not held any longer, but checked at once: the lane for passwords is narrower than this.
    private const int MaxHeld = 1_000;
    private const int MaxHeldPerAddress = 5;

    private static readonly FailureRule OfOneNameFromOneAddress = new(Free: 3, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30));
    private static readonly FailureRule FromOneAddress = new(Free: 20, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    private static readonly FailureRule OfOneName = new(Free: 10, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>By then each of them has forgotten what it can hold.</summary>
    private static readonly TimeSpan CountsKept = TimeSpan.FromHours(6);

    private static readonly TimeSpan AddressesKept = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly MemoryCache _counts = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly MemoryCache _successes = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly Dictionary<IPAddress, int> _heldByAddress = [];
    private int _held;

    /// <summary>Begins an attempt; returns when its password may be checked, or at once when it is refused.</summary>
    /// <param name="identifier">The name or the e-mail address as it was typed.</param>
    /// <param name="address">See <see cref="ClientAddress"/>.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async ValueTask<LoginAttempt> BeginAsync(string identifier, IPAddress address, CancellationToken cancellationToken)
    {
        if (!limits.Value.Enabled)
        {
            return new LoginAttempt();
        }

        var (attempt, hold) = Begin(Fingerprint(identifier), address);
        if (hold > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(hold, clock, cancellationToken);
            }
            finally
            {
                Release(address);
            }
        }

        return attempt;
    }

    public void Dispose()
    {
        _counts.Dispose();
        _successes.Dispose();
    }

    private (LoginAttempt Attempt, TimeSpan Hold) Begin(UInt128 name, IPAddress address)
    {
        var (pair, everyName, everyAddress) = (new Key(name, address), new Key(null, address), new Key(name, null));
        lock (_gate)
        {
            if (Longer(Find(pair)?.Wait, Find(everyName)?.Wait) is { } wait && wait > TimeSpan.Zero)
            {
                return (Refused(wait), TimeSpan.Zero);
            }

            var isStranger = !_successes.TryGetValue(pair, out _);
            var hold = isStranger && _held < MaxHeld && Find(everyAddress) is { } failures ? failures.Delay : TimeSpan.Zero;
            if (hold > TimeSpan.Zero && !TryHold(address))
            {
                return (Refused(hold), TimeSpan.Zero);
            }

            // Now, and not when the password turns out to be wrong: many attempts at once would otherwise all be free.
            Add(pair, OfOneNameFromOneAddress);
            Add(everyName, FromOneAddress);
            Add(everyAddress, OfOneName);
            return (new LoginAttempt { Withdraw = Withdraw, Succeed = Succeed }, hold);
        }

        void Withdraw()
        {
            lock (_gate)
            {
                TakeBack(pair);
                TakeBack(everyName);
                TakeBack(everyAddress);
            }
        }

        void Succeed()
        {
            Withdraw();
            lock (_gate)
            {
                _counts.Remove(pair);
                _successes.Set(pair, true, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = AddressesKept });
            }
        }
    }

    private FailureCount? Find(Key key) => _counts.Get<FailureCount>(key);

    private void Add(Key key, FailureRule rule)
    {
        var count = Find(key) ?? _counts.Set(
            key, new FailureCount(rule, clock), new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = CountsKept });
        count.Add();
    }

    private void TakeBack(Key key)
    {
        if (Find(key) is { } count)
        {
            count.TakeBack();
            if (count.IsEmpty)
            {
                _counts.Remove(key);
            }
        }
    }

    /// <summary>One address must not take the place of all others.</summary>
    private bool TryHold(IPAddress address)
    {
        var held = _heldByAddress.GetValueOrDefault(address);
        if (held >= MaxHeldPerAddress)
        {
            return false;
        }

        _heldByAddress[address] = held + 1;
        _held++;
        return true;
    }

    private void Release(IPAddress address)
    {
        lock (_gate)
        {
            _held--;
            if (--_heldByAddress[address] == 0)
            {
                _heldByAddress.Remove(address);
            }
        }
    }

    private static LoginAttempt Refused(TimeSpan wait) => new() { RetryAfterMs = (int)Math.Ceiling(wait.TotalMilliseconds) };

    private static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => !(one < other) && one is not null ? one : other;

    /// <summary>Of the same size however long a name somebody makes up.</summary>
    private static UInt128 Fingerprint(string identifier) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(AccountRules.Key(identifier))));

    private readonly record struct Key(UInt128? Name, IPAddress? Address);
}
