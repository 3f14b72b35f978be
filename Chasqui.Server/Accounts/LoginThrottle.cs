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
    /// <summary>Some tens of megabytes at the most; the least recently used ones go first.</summary>
    private const int MaxRemembered = 100_000;

    private static readonly FailureRule OfOneNameFromOneAddress = new(Free: 3, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30));
    private static readonly FailureRule FromOneAddress = new(Free: 20, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    private static readonly FailureRule OfOneName = new(Free: 10, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>By then each of them has forgotten what it can hold.</summary>
    private static readonly TimeSpan CountsKept = TimeSpan.FromHours(6);

    /// <summary>
    /// Then nobody more has to wait. Refusing would be a lock that an attacker can pull, and checking at once does no harm: the
    /// lane for passwords is narrower than this.
    /// </summary>
    private const int MostHeld = 1_000;

    private const int MostHeldOfOneAddress = 5;

    private static readonly TimeSpan AddressesKept = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly MemoryCache _counts = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly MemoryCache _successes = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly AddressPlaces _held = new(MostHeldOfOneAddress);

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
            catch (OperationCanceledException)
            {
                attempt.Withdraw();
                throw;
            }
            finally
            {
                _held.GiveBack(address);
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
            TimeSpan[] waits = [Find(pair)?.Wait ?? TimeSpan.Zero, Find(everyName)?.Wait ?? TimeSpan.Zero];
            if (waits.Max() is var wait && wait > TimeSpan.Zero)
            {
                return (Refused(wait), TimeSpan.Zero);
            }

            var isStranger = !_successes.TryGetValue(pair, out _);
            var hold = isStranger && _held.Count < MostHeld && Find(everyAddress) is { } failures ? failures.Delay : TimeSpan.Zero;
            if (hold > TimeSpan.Zero && !_held.TryTake(address))
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

    private static LoginAttempt Refused(TimeSpan wait) => new() { RetryAfterMs = (int)Math.Ceiling(wait.TotalMilliseconds) };

    /// <summary>Of the same size however long a name somebody makes up.</summary>
    private static UInt128 Fingerprint(string identifier) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(AccountRules.Key(identifier))));

    private readonly record struct Key(UInt128? Name, IPAddress? Address);
}
