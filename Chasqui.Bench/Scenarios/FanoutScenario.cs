using Chasqui.Bench.Measuring;

namespace Chasqui.Bench.Scenarios;

internal sealed class FanoutScenario()
    : Scenario("fanout", "One room of a thousand, one of whom speaks: a message at a time, and four at a time")
{
    private static readonly int[] InFlight = [1, 4];

    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        bench.Say("starting the servers");
        await using var targets = new Disposables<Servers.Target>(await bench.StartAllAsync(cancellationToken));
        await RunAsync(bench, targets, cancellationToken);
    }

    public static async Task RunAsync(Bench bench, Disposables<Servers.Target> targets, CancellationToken cancellationToken)
    {
        foreach (var inFlight in InFlight)
        {
            var turns = new List<(string, Func<bool, Task>)>();
            await using var connections = new Disposables<Clients.ChatConnection>();
            foreach (var target in targets.Items)
            {
                bench.Say($"{target.Name}: {bench.Options.Members} members join");
                var seats = await target.OpenRoomsAsync(1, bench.Options.Members, cancellationToken);
                var members = await target.ConnectAsync(seats[0], cancellationToken);
                connections.Items.AddRange(members);
                Array.ForEach(members, member => member.Start());
                var room = new ClosedRoom(members, inFlight);
                turns.Add((target.Name, counts => RoundAsync(bench, target, room, $"{inFlight} in flight", counts)));
            }

            await bench.TakeTurnsAsync(turns);
        }
    }

    private static async Task RoundAsync(Bench bench, Servers.Target target, ClosedRoom room, string way, bool counts)
    {
        var latencies = new Latencies();
        var cost = await Bench.MeasureAsync(target.Server, () => room.TalkAsync(bench.Duration(counts), latencies));
        if (counts)
        {
            cost.AddTo((figure, unit, value) => bench.Add($"{way}: {figure}", unit, target.Name, value), "delivery", 1.0 / bench.Options.Members);
            bench.Add($"{way}: deliveries a second", "", target.Name, cost.PerSecond * bench.Options.Members);
            bench.Add($"{way}: median until all have it", "ms", target.Name, latencies.Percentile(0.5));
        }
    }
}
