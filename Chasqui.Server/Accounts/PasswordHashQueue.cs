using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Net;
using Chasqui.Server.Limits;
using Chasqui.Server.Telemetry;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Where passwords are hashed: one at a time, on a thread that gives way to the chat, and with a queue that ends. However
/// many log in, they take one processor, and only when nobody else wants it.
/// </summary>
internal sealed class PasswordHashQueue : IDisposable
{
    public const string Instrument = "chasqui.password.duration";
    public const string OperationTag = "operation";

    private const int ShortestRetryMs = 1_000;
    private const int LongestRetryMs = 60_000;

    private readonly BlockingCollection<Action> _queue;
    private readonly AddressPlaces _places;
    private readonly Histogram<double> _durations;
    private double _latestMs;

    public PasswordHashQueue(IOptions<AccountOptions> options, IOptions<LimitOptions> limits, IMeterFactory meters)
    {
        var most = options.Value.MaxQueuedPasswords;
        _queue = new BlockingCollection<Action>(most);
        // A quarter: whoever floods the lane from one address leaves room for everybody else.
        _places = new AddressPlaces(limits.Value.Enabled ? Math.Max(1, most / 4) : most);
        _durations = meters.Create(ServerMeter.Name).CreateHistogram(
            Instrument,
            unit: "s",
            description: "How long bcrypt took, waiting not included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        new Thread(Run) { Name = "Chasqui passwords", IsBackground = true }.Start();
    }

    /// <summary>How many passwords wait.</summary>
    public int Queued => _queue.Count;

    /// <summary>When whoever found the queue full may try again: when what is queued now has been worked off.</summary>
    public int RetryAfterMs => (int)Math.Clamp(
        _queue.Count * Volatile.Read(ref _latestMs), ShortestRetryMs, LongestRetryMs);

    /// <summary>Queues work for the thread, unless the queue is full, or has enough of this address.</summary>
    /// <param name="operation">What the work is called where it is measured.</param>
    /// <param name="address">Who asks for it; see <see cref="ClientAddress"/>.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Whether somebody still waits for it; if not, it is not done.</param>
    /// <param name="result">What came of it.</param>
    public bool TryRun<T>(
        string operation, IPAddress address, Func<T> work, CancellationToken cancellationToken, [NotNullWhen(true)] out Task<T>? result)
    {
        result = null;
        if (!_places.TryTake(address))
        {
            return false;
        }

        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_queue.TryAdd(Do, millisecondsTimeout: 0, CancellationToken.None))
        {
            _places.GiveBack(address);
            return false;
        }

        result = done.Task.WaitAsync(cancellationToken);
        return true;

        void Do()
        {
            // Not when the caller hangs up: the work still stands in the queue.
            _places.GiveBack(address);
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
        LowPriority.Take();
        // When the server ends, what is still queued was asked for over connections that are gone, and is passed over.
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
}
