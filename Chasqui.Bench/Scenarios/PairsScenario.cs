using Chasqui.Bench.Clients;
using Chasqui.Bench.Measuring;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Scenarios;

internal sealed class PairsScenario()
    : Scenario("pairs", "Five hundred rooms of two; each member sends the next message when the last one was answered")
{
    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        bench.Say("starting the servers");
        await using var targets = new Disposables<Target>(
        [
            .. await bench.StartChasquisAsync(cancellationToken),
            await BaselineTarget.StartStockAsync(cancellationToken),
            .. await BaselineTarget.StartNchanAsync(cancellationToken),
        ]);
        await RunAsync(bench, targets, cancellationToken);
    }

    public static async Task RunAsync(Bench bench, Disposables<Target> targets, CancellationToken cancellationToken)
    {
        await using var connections = new Disposables<ChatConnection>();
        var turns = new List<(string, Func<bool, Task>)>();
        foreach (var target in targets.Items)
        {
            bench.Say($"{target.Name}: {bench.Options.Rooms} pairs join");
            var seats = await target.OpenRoomsAsync(bench.Options.Rooms, 2, cancellationToken);
            var members = await target.ConnectAsync([.. seats.SelectMany(room => room)], cancellationToken);
            connections.Items.AddRange(members);
            Array.ForEach(members, member => member.Start());
            var pairs = new ClosedPairs(members);
            turns.Add((target.Name, counts => RoundAsync(bench, target, pairs, counts)));
        }

        await bench.TakeTurnsAsync(turns);
    }

    private static async Task RoundAsync(Bench bench, Target target, ClosedPairs pairs, bool counts)
    {
        var latencies = new Latencies();
        var cost = await Bench.MeasureAsync(target.Server, () => pairs.TalkAsync(bench.Duration(counts), latencies));
        if (counts)
        {
            cost.AddTo((figure, unit, value) => bench.Add(figure, unit, target.Name, value), "message");
            bench.Add("messages a second", "", target.Name, cost.PerSecond);
            bench.Add("median until answered", "ms", target.Name, latencies.Percentile(0.5));
            bench.Add("p99 until answered", "ms", target.Name, latencies.Percentile(0.99));
        }
    }
}
