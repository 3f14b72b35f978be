using Chasqui.Bench.Clients;
using Chasqui.Bench.Measuring;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Scenarios;

internal sealed class SteadyScenario()
    : Scenario("steady", "The same pairs at half and at 80% of what they reach; how long from when a message was due to its delivery")
{
    private static readonly (string Name, double Share)[] Rates = [("half rate", 0.5), ("80% rate", 0.8)];

    private static readonly (string Name, double Share)[] Percentiles =
        [("median", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        bench.Say("starting the servers");
        await using var targets = new Disposables<Target>(
        [
            .. await bench.StartChasquisAsync(cancellationToken),
            await BaselineTarget.StartStockAsync(cancellationToken),
            .. await BaselineTarget.StartNchanAsync(cancellationToken),
        ]);
        await using var connections = new Disposables<ChatConnection>();
        var turns = new List<(string, Func<bool, Task>)>();
        foreach (var target in targets.Items)
        {
            bench.Say($"{target.Name}: {bench.Options.Rooms} pairs join");
            var seats = await target.OpenRoomsAsync(bench.Options.Rooms, 2, cancellationToken);
            var members = await target.ConnectAsync([.. seats.SelectMany(room => room)], cancellationToken);
            connections.Items.AddRange(members);
            Array.ForEach(members, member => member.Start());
            var reached = 0.0;
            turns.Add((target.Name, async counts =>
            {
                if (!counts)
                {
                    // What pairs reach, once they are warm.
                    await new ClosedPairs(members).TalkAsync(bench.Options.WarmUp, latencies: null);
                    reached = (await Bench.MeasureAsync(
                        target.Server, () => new ClosedPairs(members).TalkAsync(bench.Options.Round, latencies: null))).PerSecond;
                }

                foreach (var (rate, share) in Rates)
                {
                    await RoundAsync(bench, target, members, rate, reached * share, counts);
                }
            }
            ));
        }

        await bench.TakeTurnsAsync(turns);
    }

    private static async Task RoundAsync(
        Bench bench, Target target, ChatConnection[] members, string rate, double perSecond, bool counts)
    {
        var latencies = new Latencies();
        var missing = 2 * (long)(perSecond * bench.Options.Round.TotalSeconds);
        var all = new TaskCompletionSource();
        foreach (var member in members)
        {
            member.Delivered = due =>
            {
                latencies.AddSince(due);
                if (Interlocked.Decrement(ref missing) == 0)
                {
                    all.SetResult();
                }
            };
            member.Answered = static () => ValueTask.CompletedTask;
        }

        var cost = await Bench.MeasureAsync(target.Server, () => Pace.RunAsync(members, perSecond, bench.Options.Round));
        await all.Task.WaitAsync(Patience);
        if (counts)
        {
            bench.Add($"{rate}: messages a second", "", target.Name, cost.PerSecond);
            foreach (var (name, share) in Percentiles)
            {
                bench.Add($"{rate}: {name} from due to delivered", "ms", target.Name, latencies.Percentile(share));
            }

            cost.AddTo((figure, unit, value) => bench.Add($"{rate}: {figure}", unit, target.Name, value), "message");
        }
    }
}
