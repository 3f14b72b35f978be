using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Chasqui.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Where passwords are hashed: one at a time, on a thread that gives way to the chat, and with a queue that ends. However
/// many log in, they take one processor, and only when nobody else wants it.
/// </summary>
internal sealed class PasswordLane : IDisposable
{
    public const string Instrument = "chasqui.password.duration";
    public const string OperationTag = "operation";

    private const int ShortestRetryMs = 1_000;
    private const int LongestRetryMs = 60_000;

    private readonly BlockingCollection<Action> _queue;
    private readonly Histogram<double> _durations;
    private double _latestMs;

    public PasswordLane(IOptions<AccountOptions> options, IMeterFactory meters)
    {
        _queue = new BlockingCollection<Action>(options.Value.MaxQueuedPasswords);
        _durations = meters.Create(ServerMeter.Name).CreateHistogram(
            Instrument,
            unit: "s",
            description: "How long bcrypt took, waiting not included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        new Thread(Run) { Name = "Chasqui passwords", IsBackground = true }.Start();
    }

    /// <summary>When whoever found the queue full may try again: when what is queued now has been worked off.</summary>
    public int RetryAfterMs => (int)Math.Clamp(
        _queue.Count * Volatile.Read(ref _latestMs), ShortestRetryMs, LongestRetryMs);

    /// <summary>Queues work for the thread, unless the queue is full.</summary>
    /// <param name="operation">What the work is called where it is measured.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Whether somebody still waits for it; if not, it is not done.</param>
    /// <param name="result">What came of it.</param>
    public bool TryRun<T>(
        string operation, Func<T> work, CancellationToken cancellationToken, [NotNullWhen(true)] out Task<T>? result)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        result = _queue.TryAdd(Do, millisecondsTimeout: 0, CancellationToken.None) ? done.Task.WaitAsync(cancellationToken) : null;
        return result is not null;

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
