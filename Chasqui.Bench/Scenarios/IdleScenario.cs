using System.Diagnostics;
using Chasqui.Bench.Clients;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Scenarios;

internal sealed class IdleScenario() : Scenario("idle", "Ten thousand connections that have joined and say nothing: memory, and the time to connect all")
{
    private const int People = 1000;

    /// <summary>What was needed only for connecting has time to go.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        Func<Task<Target>>[] starts =
        [
            .. bench.Builds(bench.Options.Server).Select(build => (Func<Task<Target>>)(async () =>
                await ChasquiTarget.StartAsync(build.Command, cancellationToken, build.Name))),
            () => BaselineTarget.StartBareAsync(cancellationToken),
            () => BaselineTarget.StartStockAsync(cancellationToken),
        ];
        foreach (var start in starts)
        {
            await using var target = await start();
            await MeasureAsync(bench, target, cancellationToken);
        }
    }

    private static async Task MeasureAsync(Bench bench, Target target, CancellationToken cancellationToken)
    {
        bench.Say($"{target.Name}: people register");
        var count = bench.Options.Connections;
        var room = (await target.OpenRoomsAsync(1, Math.Min(People, count), cancellationToken))[0];
        Seat[] seats = [.. Enumerable.Range(0, count).Select(i => room[i % room.Length])];
        await Task.Delay(Settling, cancellationToken);

        bench.Say($"{target.Name}: {count} connect");
        var (before, started) = (target.Server.Figures.ResidentBytes, Stopwatch.GetTimestamp());
        await using var connections = new Disposables<ChatConnection>(await target.ConnectAsync(seats, cancellationToken));
        var connecting = Stopwatch.GetElapsedTime(started);
        bench.Say($"{target.Name}: idle");
        await Task.Delay(Settling, cancellationToken);
        var after = target.Server.Figures.ResidentBytes;

        bench.Add("resident memory per connection", "KiB", target.Name, (after - before) / 1024.0 / count);
        bench.Add("resident memory in all", "MiB", target.Name, after / 1024.0 / 1024);
        bench.Add($"time to connect and join {count}", "s", target.Name, connecting.TotalSeconds);
    }
}
