using System.Diagnostics;
using Chasqui.Bench.Clients;
using Chasqui.Bench.Measuring;

namespace Chasqui.Bench.Scenarios;

/// <summary>Many members, of whom each says the next thing when the last one was answered.</summary>
internal sealed class ClosedPairs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<ChatConnection> _members;
    private Latencies? _latencies;
    private volatile bool _talking;
    private int _underWay;
    private long _answered;
    private TaskCompletionSource _quiet = new();

    public ClosedPairs(IReadOnlyList<ChatConnection> members)
    {
        _members = members;
        foreach (var member in members)
        {
            var said = 0L;
            member.Delivered = _ => { };
            member.Answered = async () =>
            {
                if (said > 0)
                {
                    _latencies?.AddSince(said);
                }

                Interlocked.Increment(ref _answered);
                if (_talking)
                {
                    said = Stopwatch.GetTimestamp();
                    await member.SayAsync(said, wantsAnswer: true);
                }
                else
                {
                    said = 0;
                    Leave();
                }
            };
        }
    }

    /// <summary>Talks for a while.</summary>
    /// <returns>The messages that were answered.</returns>
    public async Task<long> TalkAsync(TimeSpan duration, Latencies? latencies)
    {
        var before = Interlocked.Read(ref _answered);
        _latencies = latencies;
        _quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // One for this method, so that the count does not reach zero before all have begun.
        _underWay = _members.Count + 1;
        _talking = true;
        foreach (var member in _members)
        {
            await member.SayAsync(Stopwatch.GetTimestamp(), wantsAnswer: true);
        }

        await Task.WhenAny([Task.Delay(duration), .. _members.Select(member => member.Receiving)]);
        _talking = false;
        Leave();
        await Task.WhenAny([_quiet.Task, .. _members.Select(member => member.Receiving)]).WaitAsync(Deadline);
        await Task.WhenAll(_members.Where(member => member.Receiving.IsFaulted).Select(member => member.Receiving));
        return Interlocked.Read(ref _answered) - before;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _underWay) == 0)
        {
            _quiet.SetResult();
        }
    }
}
