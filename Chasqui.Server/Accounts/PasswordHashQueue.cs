using System.Diagnostics.CodeAnalysis;
using Chasqui.Server.Limits;
using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Hashes passwords one at a time on a low-priority thread: logins take at most one processor, and only an idle one.
/// </summary>
internal sealed class PasswordHashQueue : IDisposable
{
    public const string Instrument = "chasqui.password.duration";
    public const string OperationTag = "operation";

    /// <summary>
    /// Passwords that wait; one more is refused. At the default cost a hash takes some 0.1 s, so the last of 64 waits for less
    /// than ten seconds, which clients bear.
    /// </summary>
    private const int MaxQueued = 64;

    private readonly BlockingCollection<Action> _queue = [];
    private readonly UsageCounter<IPAddress> _queued;
    private readonly Histogram<double> _durations;
    private double _latestMs;

    public PasswordHashQueue(IOptions<LimitOptions> limits, IMeterFactory meters)
    {
        // One address gets a quarter, so that a flood from it leaves room for the others.
        _queued = new(MaxQueued, limits.Value.Enabled ? MaxQueued / 4 : MaxQueued);
        _durations = meters.Create(ServerMeter.Name).CreateHistogram(
            Instrument,
            unit: "s",
            description: "How long bcrypt took, without the wait in the queue.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        new Thread(Run) { Name = "Chasqui passwords", IsBackground = true }.Start();
    }

    public int Queued => _queued.Count;

    /// <summary>When a refused caller may try again: when the current queue is done.</summary>
    public int RetryAfterMs => (int)Math.Clamp(Queued * Volatile.Read(ref _latestMs), min: 1_000, max: 60_000);

    /// <summary>Queues work, unless the queue is full or holds too much of this address.</summary>
    /// <param name="operation">The name of the work in the metrics.</param>
    /// <param name="address">The caller; see <see cref="ClientAddress"/>.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Work that is cancelled before its turn is skipped.</param>
    /// <param name="result">The result of the work.</param>
    public bool TryRun<T>(
        string operation, IPAddress address, Func<T> work, CancellationToken cancellationToken, [NotNullWhen(true)] out Task<T>? result)
    {
        result = null;
        if (!_queued.TryEnter(address))
        {
            return false;
        }

        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add(Do, CancellationToken.None);
        result = done.Task.WaitAsync(cancellationToken);
        return true;

        void Do()
        {
            // Not when the caller disconnects: its work is still in the queue.
            _queued.Leave(address);
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

    public void Dispose() => _queue.CompleteAdding();

    private void Run()
    {
        LowerPriority();
        // At the end of the server the callers of queued work are gone, and their work is skipped.
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            work();
        }

        _queue.Dispose();
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
            // .NET's thread priorities do nothing on Linux, which has a nice value per thread: 0, 0 is this thread. With 19, the
            // lowest, nobody could log in while others keep the processors busy. Where a sandbox forbids the call, the thread runs
            // at normal priority.
            _ = SetPriority(which: 0, who: 0, nice: 10);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    private static extern int SetPriority(int which, int who, int nice);
}
