using System.Buffers.Binary;
using Chasqui.Server.Limits;
using Microsoft.Extensions.Caching.Memory;

namespace Chasqui.Server.Accounts;

/// <summary>One attempt to log in, in progress until it is disposed of. It counts only if it failed.</summary>
internal sealed class LoginAttempt(Action<bool?>? end = null) : IDisposable
{
    private bool? _isRight;

    /// <summary>Set if the attempt is refused.</summary>
    public int? RetryAfterMs { get; init; }

    /// <summary>Whether it is refused for the attempts that wait already, and not for failures.</summary>
    public bool IsCrowded { get; init; }

    /// <summary>The password was right.</summary>
    public void Succeed() => _isRight = true;

    /// <summary>The password was wrong.</summary>
    public void Fail() => _isRight = false;

    public void Dispose() => end?.Invoke(_isRight);
}

/// <summary>
/// Slows down password guessing. An address that fails is refused for a while. Failures from many addresses only delay the
/// answers to addresses that never logged in, so that an attacker cannot lock an owner out. Only wrong passwords count: an
/// attempt that would be refused if others in progress failed waits until they have ended, so that many people behind one
/// address can log in at once.
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

    /// <summary>
    /// Attempts of one address in progress: enough to keep the queue for password hashes busy, and half of the address's share.
    /// </summary>
    private const int MaxInProgressPerAddress = 8;

    /// <summary>Attempts of one address that wait; at the default cost the last one waits for less than half a minute.</summary>
    private const int MaxWaitingPerAddress = 200;

    private const int MaxWaiting = 2_000;

    /// <summary>When an attempt that finds no room to wait may come again.</summary>
    private static readonly TimeSpan FullQueue = TimeSpan.FromSeconds(5);

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
    private readonly UsageCounter<IPAddress> _inProgress = new(int.MaxValue, MaxInProgressPerAddress);
    private readonly UsageCounter<IPAddress> _waiting = new(MaxWaiting, MaxWaitingPerAddress);
    private readonly Dictionary<IPAddress, LinkedList<Waiting>> _queues = [];

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

        var (attempt, delay) = await TurnAsync(Fingerprint(identifier), address, cancellationToken);
        if (delay > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(delay, clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                attempt.Dispose();
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

    /// <summary>Begins at once, or in the order of the address's queue.</summary>
    private async Task<Turn> TurnAsync(UInt128 name, IPAddress address, CancellationToken cancellationToken)
    {
        Waiting waiting;
        lock (_lock)
        {
            if (Begin(name, address) is { } turn)
            {
                return turn;
            }

            if (!_waiting.TryEnter(address))
            {
                return Refused(FullQueue, isCrowded: true);
            }

            waiting = new Waiting(name);
            (CollectionsMarshal.GetValueRefOrAddDefault(_queues, address, out _) ??= []).AddLast(waiting);
        }

        await using var cancelled = cancellationToken.UnsafeRegister(
            _ =>
            {
                lock (_lock)
                {
                    if (waiting.Turn.TrySetCanceled(cancellationToken))
                    {
                        Leave(waiting, address);
                    }
                }
            },
            null);
        return await waiting.Turn.Task;
    }

    /// <returns><see langword="null"/> for an attempt that has to wait for the end of another one from its address.</returns>
    private Turn? Begin(UInt128 name, IPAddress address)
    {
        var (pair, anyName, anyAddress) = (new Key(name, address), new Key(null, address), new Key(name, null));
        var (waitOfPair, waitOfAddress) = (Find(pair)?.Wait ?? TimeSpan.Zero, Find(anyName)?.Wait ?? TimeSpan.Zero);
        if (waitOfPair > TimeSpan.Zero || waitOfAddress > TimeSpan.Zero)
        {
            return Refused(waitOfPair > waitOfAddress ? waitOfPair : waitOfAddress);
        }

        if (Find(pair) is { HasRoom: false } || Find(anyName) is { HasRoom: false } || !_inProgress.TryEnter(address))
        {
            return null;
        }

        var isKnown = _successes.TryGetValue(pair, out _);
        var delay = !isKnown && _delayed.Count < MaxDelayed && Find(anyAddress) is { } failures ? failures.Delay : TimeSpan.Zero;
        if (delay > TimeSpan.Zero && !_delayed.TryEnter(address))
        {
            _inProgress.Leave(address);
            return Refused(delay);
        }

        (Key Key, ExponentialBackoff Count)[] counts =
            [(pair, Get(pair, OfNameAndAddress)), (anyName, Get(anyName, OfAddress)), (anyAddress, Get(anyAddress, OfName))];
        Array.ForEach(counts, count => count.Count.Begin());
        return new Turn(new LoginAttempt(End), delay);

        void End(bool? isRight)
        {
            lock (_lock)
            {
                _inProgress.Leave(address);
                if (isRight is true)
                {
                    counts[0].Count.Reset();
                    _successes.Set(pair, true, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = SuccessesKept });
                }

                foreach (var (key, count) in counts)
                {
                    count.End(failed: isRight is false);
                    if (count.IsEmpty && Find(key) == count)
                    {
                        _failures.Remove(key);
                    }
                }

                Continue(address);
            }
        }
    }

    /// <summary>Begins the waiting attempts of an address that can begin.</summary>
    private void Continue(IPAddress address)
    {
        for (var place = _queues.GetValueOrDefault(address)?.First; place is not null;)
        {
            var (waiting, next) = (place.Value, place.Next);
            if (Begin(waiting.Name, address) is { } turn)
            {
                Leave(waiting, address);
                waiting.Turn.SetResult(turn);
            }

            place = next;
        }
    }

    private void Leave(Waiting waiting, IPAddress address)
    {
        _waiting.Leave(address);
        var queue = _queues[address];
        queue.Remove(waiting);
        if (queue.Count == 0)
        {
            _queues.Remove(address);
        }
    }

    private ExponentialBackoff? Find(Key key) => _failures.Get<ExponentialBackoff>(key);

    private ExponentialBackoff Get(Key key, BackoffPolicy policy) => Find(key) ?? _failures.Set(
        key, new ExponentialBackoff(policy, clock), new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = FailuresKept });

    private static Turn Refused(TimeSpan wait, bool isCrowded = false) => new(
        new LoginAttempt { RetryAfterMs = (int)Math.Ceiling(wait.TotalMilliseconds), IsCrowded = isCrowded }, TimeSpan.Zero);

    /// <summary>Of one size, however long the typed name is.</summary>
    private static UInt128 Fingerprint(string identifier) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(AccountRules.Key(identifier))));

    private readonly record struct Key(UInt128? Name, IPAddress? Address);

    private readonly record struct Turn(LoginAttempt Attempt, TimeSpan Delay);

    private sealed class Waiting(UInt128 name)
    {
        public UInt128 Name => name;

        public TaskCompletionSource<Turn> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
