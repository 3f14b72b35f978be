using System.Diagnostics;

namespace Chasqui.Tests.Checker;

/// <summary>Sends at a fixed rate, whether or not the server keeps up: only so is a latency what a user would feel.</summary>
internal static class Pace
{
    /// <summary>Sends the whole budget, the clients taking turns.</summary>
    public static async Task RunAsync(Load load, int messagesPerSecond)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0L; await timer.WaitForNextTickAsync();)
        {
            var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * messagesPerSecond);
            for (; sent < due; sent++)
            {
                if (!load.Progress.TryTake())
                {
                    return;
                }

                var dueAt = start + (sent * Stopwatch.Frequency / messagesPerSecond);
                await load.Clients[(int)(sent % load.Clients.Count)].SendOneAsync(dueAt);
            }
        }
    }
}
