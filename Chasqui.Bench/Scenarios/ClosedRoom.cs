using System.Diagnostics;
using System.Threading.Channels;
using Chasqui.Bench.Clients;
using Chasqui.Bench.Measuring;

namespace Chasqui.Bench.Scenarios;

/// <summary>One room in which one member sends the next message when all have received an earlier one.</summary>
internal sealed class ClosedRoom
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<ChatConnection> _members;
    private readonly Channel<bool> _heard = Channel.CreateUnbounded<bool>();

    // How many members have yet to receive each message in flight. All receive them in one order, so counting is enough.
    private readonly int[] _missing;

    private long _said;

    /// <param name="members">Who is in it; the first one speaks.</param>
    /// <param name="inFlight">How many messages are under way at once.</param>
    public ClosedRoom(IReadOnlyList<ChatConnection> members, int inFlight)
    {
        _members = members;
        _missing = new int[inFlight];
        foreach (var member in members)
        {
            var heard = 0L;
            member.Delivered = _ =>
            {
                if (Interlocked.Decrement(ref _missing[heard++ % inFlight]) == 0)
                {
                    _heard.Writer.TryWrite(true);
                }
            };
        }
    }

    /// <summary>Talks for a while.</summary>
    /// <returns>The messages that all members have received.</returns>
    public async Task<long> TalkAsync(TimeSpan duration, Latencies? latencies)
    {
        var (started, before) = (Stopwatch.GetTimestamp(), _said);
        var due = new Queue<long>();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            if (due.Count == _missing.Length)
            {
                await HearAsync(due, latencies);
            }

            _missing[_said++ % _missing.Length] = _members.Count;
            due.Enqueue(Stopwatch.GetTimestamp());
            await _members[0].SayAsync(due.Last(), wantsAnswer: false);
        }

        while (due.Count > 0)
        {
            await HearAsync(due, latencies);
        }

        return _said - before;
    }

    private async Task HearAsync(Queue<long> due, Latencies? latencies)
    {
        var heard = _heard.Reader.ReadAsync().AsTask();
        // The speaker's connection ends only when the server has refused or closed.
        await (await Task.WhenAny(heard, _members[0].Receiving).WaitAsync(Deadline));
        latencies?.AddSince(due.Dequeue());
    }
}
