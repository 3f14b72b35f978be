using System.Diagnostics;
using Chasqui.Bench.Clients;

namespace Chasqui.Bench.Scenarios;

/// <summary>Says things at a fixed rate, one member after the other, whether or not anything was answered.</summary>
internal static class Pace
{
    /// <returns>The messages that were said.</returns>
    public static async Task<long> RunAsync(IReadOnlyList<ChatConnection> members, double perSecond, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        var count = (long)(perSecond * duration.TotalSeconds);
        for (var said = 0L; said < count; said++)
        {
            // Counted from when it was due: a server that stops for a while makes all wait that were due meanwhile.
            var due = started + (long)(said / perSecond * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due)
            {
                await Task.Delay(1);
            }

            await members[(int)(said % members.Count)].SayAsync(due, wantsAnswer: false);
        }

        return count;
    }
}
