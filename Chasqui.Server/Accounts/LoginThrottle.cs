using System.Buffers.Binary;
using Chasqui.Server.Limits;
using Microsoft.Extensions.Caching.Memory;

namespace Chasqui.Server.Accounts;

/// <summary>One attempt to log in. It counts as a failure until <see cref="Succeed"/> or <see cref="Withdraw"/>.</summary>
internal sealed class LoginAttempt
{
    /// <summary>Set if the attempt is refused.</summary>
    public int? RetryAfterMs { get; init; }

    /// <summary>The password was right.</summary>
    public Action Succeed { get; init; } = () => { };

    /// <summary>No password was checked.</summary>
    public Action Withdraw { get; init; } = () => { };
}

/// <summary>
/// Slows down password guessing. An address that fails is refused for a while. Failures from many addresses only delay the
/// answers to addresses that never logged in, so that an attacker cannot lock an owner out.
/// </summary>
/// <remarks>
/// Counts by the name as typed, not by account: a count shared by name and e-mail address would show that they belong together,
/// and one that only accounts have would show which ones exist.
/// </remarks>
internal sealed class LoginThrottle(IOptions<LimitOptions> limits, TimeProvider clock) : IDisposable
{
    /// <summary>Some tens of megabytes at most; the least recently used entries go first.</summary>
    private const int MaxRemembered = 100_000;

    /// <summary>
    /// Past it no further attempt is delayed. Refusing would let an attacker lock others out, and checking at once does no harm,
    /// since the queue for password hashes is shorter.
    /// </summary>
    private const int MaxDelayed = 1_000;

    private const int MaxDelayedPerAddress = 5;

    private static readonly BackoffPolicy OfNameAndAddress = new(Free: 3, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30));
    private static readonly BackoffPolicy OfAddress = new(Free: 20, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    private static readonly BackoffPolicy OfName = new(Free: 10, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>After this time each policy has forgotten all failures that it counts.</summary>
    private static readonly TimeSpan FailuresKept = TimeSpan.FromHours(6);

    private static readonly TimeSpan SuccessesKept = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private readonly MemoryCache _failures = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly MemoryCache _successes = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly UsageCounter<IPAddress> _delayed = new(int.MaxValue, MaxDelayedPerAddress);

    /// <summary>Begins an attempt. Returns when its password may be checked, or at once if it is refused.</summary>
    /// <param name="identifier">The name or the e-mail address as typed.</param>
    /// <param name="address">See <see cref="ClientAddress"/>.</param>
    /// <param name="cancellationToken">Ends the delay.</param>
    public async ValueTask<LoginAttempt> BeginAsync(string identifier, IPAddress address, CancellationToken cancellationToken)
    {
        if (!limits.Value.Enabled)
        {
            return new LoginAttempt();
        }

        var (attempt, delay) = Begin(Fingerprint(identifier), address);
        if (delay > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(delay, clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                attempt.Withdraw();
                throw;
            }
            finally
            {
                _delayed.Leave(address);
            }
        }

        return attempt;
    }

    public void Dispose()
    {
        _failures.Dispose();
        _successes.Dispose();
    }

    private (LoginAttempt Attempt, TimeSpan Delay) Begin(UInt128 name, IPAddress address)
    {
        var (pair, anyName, anyAddress) = (new Key(name, address), new Key(null, address), new Key(name, null));
        lock (_lock)
        {
            var (waitOfPair, waitOfAddress) = (Find(pair)?.Wait ?? TimeSpan.Zero, Find(anyName)?.Wait ?? TimeSpan.Zero);
            if (waitOfPair > TimeSpan.Zero || waitOfAddress > TimeSpan.Zero)
            {
                return (Refused(waitOfPair > waitOfAddress ? waitOfPair : waitOfAddress), TimeSpan.Zero);
            }

            var isKnown = _successes.TryGetValue(pair, out _);
            var delay = !isKnown && _delayed.Count < MaxDelayed && Find(anyAddress) is { } failures ? failures.Delay : TimeSpan.Zero;
            if (delay > TimeSpan.Zero && !_delayed.TryEnter(address))
            {
                return (Refused(delay), TimeSpan.Zero);
            }

            // Counted before the password is checked, or many concurrent attempts would all be free.
            Add(pair, OfNameAndAddress);
            Add(anyName, OfAddress);
            Add(anyAddress, OfName);
            return (new LoginAttempt { Withdraw = Withdraw, Succeed = Succeed }, delay);
        }

        void Withdraw()
        {
            lock (_lock)
            {
                TakeBack(pair);
                TakeBack(anyName);
                TakeBack(anyAddress);
            }
        }

        void Succeed()
        {
            lock (_lock)
            {
                Withdraw();
                _failures.Remove(pair);
                _successes.Set(pair, true, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = SuccessesKept });
            }
        }
    }

    private ExponentialBackoff? Find(Key key) => _failures.Get<ExponentialBackoff>(key);

    private void Add(Key key, BackoffPolicy policy) => (Find(key) ?? _failures.Set(
        key, new ExponentialBackoff(policy, clock), new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = FailuresKept })).Add();

    private void TakeBack(Key key)
    {
        if (Find(key) is { } failures)
        {
            failures.TakeBack();
            if (failures.IsEmpty)
            {
                _failures.Remove(key);
            }
        }
    }

    private static LoginAttempt Refused(TimeSpan wait) => new() { RetryAfterMs = (int)Math.Ceiling(wait.TotalMilliseconds) };

    /// <summary>Of one size, however long the typed name is.</summary>
    private static UInt128 Fingerprint(string identifier) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(AccountRules.Key(identifier))));

    private readonly record struct Key(UInt128? Name, IPAddress? Address);
}
