using Chasqui.Server.Limits;

namespace Chasqui.Server.Delivery;

/// <summary>
/// Keeps what clients hold within the budget. Near it, addresses with many requests or connections are refused more, and slow
/// requests, idle connections and the chat connections that hold most are closed.
/// </summary>
internal sealed partial class MemoryGuard(
    MemoryBudget budget, CountedMemoryPoolFactory pools, RunningRequests requests, TcpConnectionLimit tcp,
    ConnectionRegistry connections, TimeProvider clock, ILogger<MemoryGuard> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>A request that takes longer waits for its client, or for the server to recover.</summary>
    private static readonly TimeSpan QuickTime = TimeSpan.FromSeconds(5);

    /// <summary>The same of an address with many, when all of the budget is used.</summary>
    private static readonly TimeSpan ShortestTime = TimeSpan.FromMilliseconds(500);

    /// <summary>The parts of the budget at which memory is short, and up to which is closed then.</summary>
    private const double Short = 0.8;
    private const double Enough = 0.5;

    /// <summary>
    /// When the process has grown by so much, or clients have given up what they held, and it has been quiet for so long (it
    /// allocated less than that), what is unused goes back to the system: without work the runtime collects nothing.
    /// </summary>
    private const long GrownBytes = 64 * 1024 * 1024;
    private const long QuietBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan QuietPeriod = TimeSpan.FromSeconds(10);

    /// <summary>Chat connections that hold less are not closed.</summary>
    private const long SmallBytes = 32 * 1024;

    private long _began = clock.GetTimestamp();
    private long _allocated;

    // When memory was last given back.
    private long _workingSet = Environment.WorkingSet;
    private long _held;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await requests.AbortAsync();
                var held = budget.RequestBytes + connections.HeldBytes();
                await CheckAsync(held);
                GiveBack(held);
            }
#pragma warning disable CA1031 // The next round may succeed, and without this service the server would stop.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failed(logger, e);
            }
        }
    }

    private async Task CheckAsync(long held)
    {
        if (held < (budget.IsShort ? Enough : Short) * budget.Bytes)
        {
            if (budget.IsShort)
            {
                budget.IsShort = false;
                Recovered(logger, held);
            }

            return;
        }

        if (!budget.IsShort)
        {
            budget.IsShort = true;
            MemoryIsShort(logger, held, budget.Bytes);
        }

        var timeOfMany = held < budget.Bytes ? QuickTime : ShortestTime;
        var closed = (
            Requests: await requests.AbortAsync(QuickTime, timeOfMany),
            Tcp: await tcp.AbortAsync(QuickTime, timeOfMany),
            Chat: 0);
        // Where requests hold most, closing others' chat would free nothing.
        if (closed == default && held > 2 * budget.RequestBytes)
        {
            closed.Chat = CloseFattest(held);
        }

        if (closed != default)
        {
            Closed(logger, closed.Requests, closed.Tcp, closed.Chat);
        }
    }

    private void GiveBack(long held)
    {
        if (clock.GetElapsedTime(_began) < QuietPeriod)
        {
            return;
        }

        var before = _allocated;
        (_began, _allocated) = (clock.GetTimestamp(), GC.GetTotalAllocatedBytes());
        if (_allocated - before < QuietBytes
            && (Environment.WorkingSet > _workingSet + GrownBytes || held < _held - QuietBytes))
        {
            pools.Trim();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            NativeHeap.Trim();
            (_workingSet, _held) = (Environment.WorkingSet, held);
        }
    }

    private int CloseFattest(long held)
    {
        var closed = 0;
        foreach (var (connection, bytes) in connections.ByHeldBytes())
        {
            if (bytes < SmallBytes || held < Enough * budget.Bytes)
            {
                break;
            }

            connection.Close(CloseReason.Overloaded);
            connection.Output.End();
            held -= bytes;
            closed++;
        }

        return closed;
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Clients hold {Held} bytes of the {Budget} that Limits:ClientMemoryMiB allows: slow ones are closed")]
    private static partial void MemoryIsShort(ILogger logger, long held, long budget);

    [LoggerMessage(2, LogLevel.Warning,
        "Closed to save memory: {Requests} requests, {Tcp} connections without one, {Chat} chat connections")]
    private static partial void Closed(ILogger logger, int requests, int tcp, int chat);

    [LoggerMessage(4, LogLevel.Error, "The memory of clients cannot be watched")]
    private static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Information, "Clients hold {Held} bytes: enough memory is left again")]
    private static partial void Recovered(ILogger logger, long held);
}
