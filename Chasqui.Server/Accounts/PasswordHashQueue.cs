using Chasqui.Server.Limits;
using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Hashes passwords one at a time on a low-priority thread: logins take at most one processor, and only an idle one. Addresses
/// take turns, and a flood from some of them leaves room for the others.
/// </summary>
internal sealed class PasswordHashQueue : IDisposable
{
    public const string Instrument = "chasqui.password.duration";
    public const string OperationTag = "operation";

    /// <summary>The operations: hashing a new password, and checking one.</summary>
    public const string NewPassword = "hash";
    public const string Check = "verify";

    /// <summary>
    /// Passwords that wait; one more is refused. At the default cost a hash takes some 0.1 s, so the last of 64 waits for less
    /// than ten seconds, which clients bear.
    /// </summary>
    private const int MaxQueued = 64;

    /// <summary>
    /// Half of the places are left to checks: these are throttled by what failed before, and new passwords, most of them of
    /// registrations, are not.
    /// </summary>
    private const int MaxNewPasswords = MaxQueued / 2;

    private readonly int _maxPerAddress;
    private readonly int _maxNewPasswords;
    private readonly Histogram<double> _durations;

    /// <summary>In the order of their turns; also the lock.</summary>
    private readonly List<Work> _queue = [];
    private bool _ended;
    private double _latestMs;

    public PasswordHashQueue(IOptions<LimitOptions> limits, IMeterFactory meters)
    {
        (_maxPerAddress, _maxNewPasswords) = limits.Value.Enabled ? (MaxQueued / 4, MaxNewPasswords) : (MaxQueued, MaxQueued);
        _durations = meters.Create(ServerMeter.Name).CreateHistogram(
            Instrument,
            unit: "s",
            description: "How long bcrypt took, without the wait in the queue.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        new Thread(Run) { Name = "Chasqui passwords", IsBackground = true }.Start();
    }

    public int Queued
    {
        get
        {
            lock (_queue)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>When a refused caller may try again: when the current queue is done.</summary>
    public int RetryAfterMs => (int)Math.Clamp(Queued * Volatile.Read(ref _latestMs), min: 1_000, max: 60_000);

    /// <summary>
    /// Queues work. It is refused if the queue holds too much of this address, or is full and no address has more in it; later
    /// too, if another address needs the room.
    /// </summary>
    /// <param name="operation">The name of the work in the metrics: <see cref="NewPassword"/> or <see cref="Check"/>.</param>
    /// <param name="address">The caller; see <see cref="ClientAddress"/>.</param>
    /// <param name="work">What to do.</param>
    /// <param name="busy">The result if it is refused.</param>
    /// <param name="cancellationToken">Work that is cancelled before its turn is skipped.</param>
    public Task<T> RunAsync<T>(
        string operation, IPAddress address, Func<T> work, T busy, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_queue)
        {
            var queued = _queue.Count(each => each.Address.Equals(address));
            if (_ended || queued >= _maxPerAddress
                || (operation == NewPassword && _queue.Count(each => each.Operation == NewPassword) >= _maxNewPasswords)
                || (_queue.Count >= MaxQueued && !TryMakeRoom(queued)))
            {
                return Task.FromResult(busy);
            }

            _queue.Insert(PlaceBehind(queued), new Work(operation, address, Do, () => done.SetResult(busy)));
            Monitor.Pulse(_queue);
        }

        return done.Task.WaitAsync(cancellationToken);

        void Do()
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                done.SetResult(Measure(operation, work));
            }
#pragma warning disable CA1031 // It is the caller's, and must not end the thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.SetException(e);
            }
        }
    }

    public void Dispose()
    {
        lock (_queue)
        {
            _ended = true;
            Monitor.Pulse(_queue);
        }
    }

    /// <summary>Refuses the last work of the address with most, if that address still has as much then as the caller.</summary>
    private bool TryMakeRoom(int queued)
    {
        var (address, most) = _queue.CountBy(each => each.Address).MaxBy(each => each.Value);
        if (most <= queued + 1)
        {
            return false;
        }

        var last = _queue.FindLastIndex(each => each.Address.Equals(address));
        _queue[last].Refuse();
        _queue.RemoveAt(last);
        return true;
    }

    /// <summary>
    /// The place of work of an address that has so much in the queue: its third work comes before the fourth of all addresses.
    /// </summary>
    private int PlaceBehind(int queued)
    {
        var ofAddress = new Dictionary<IPAddress, int>();
        for (var place = 0; place < _queue.Count; place++)
        {
            var before = ofAddress.GetValueOrDefault(_queue[place].Address);
            if (before > queued)
            {
                return place;
            }

            ofAddress[_queue[place].Address] = before + 1;
        }

        return _queue.Count;
    }

    private void Run()
    {
        LowerPriority();
        while (Next() is { } work)
        {
            work.Do();
        }
    }

    /// <summary>At the end of the server the callers of queued work are gone, and their work is skipped.</summary>
    private Work? Next()
    {
        lock (_queue)
        {
            while (_queue.Count == 0 && !_ended)
            {
                Monitor.Wait(_queue);
            }

            if (_queue.Count == 0)
            {
                return null;
            }

            var work = _queue[0];
            _queue.RemoveAt(0);
            return work;
        }
    }

    private T Measure<T>(string operation, Func<T> work)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            return work();
        }
        finally
        {
            var taken = Stopwatch.GetElapsedTime(started);
            Volatile.Write(ref _latestMs, taken.TotalMilliseconds);
            _durations.Record(taken.TotalSeconds, new KeyValuePair<string, object?>(OperationTag, operation));
        }
    }

    private static void LowerPriority()
    {
        if (OperatingSystem.IsLinux())
        {
            // .NET's thread priorities do nothing on Linux, which has a nice value per thread: 0, 0 is this thread. With the
            // lowest, 19, nobody could log in while others keep the processors busy. Where a sandbox forbids the call, the
            // thread runs at normal priority.
            _ = SetPriority(which: 0, who: 0, nice: 10);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    private static extern int SetPriority(int which, int who, int nice);

    private sealed record Work(string Operation, IPAddress Address, Action Do, Action Refuse);
}
