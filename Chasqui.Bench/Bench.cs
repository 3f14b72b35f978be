using System.Diagnostics;
using Chasqui.Bench.Measuring;
using Chasqui.Bench.Reporting;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench;

/// <summary>What a scenario measures with.</summary>
internal sealed class Bench(BenchOptions options, Report report, string scenario)
{
    public BenchOptions Options => options;

    /// <param name="counts">Whether it is a round, and not the one that warms up.</param>
    public TimeSpan Duration(bool counts) => counts ? options.Round : options.WarmUp;

    public void Say(string what) => Progress.Say($"{scenario}: {what}");

    public void Add(string figure, string unit, string target, double value) => report.Add(scenario, figure, unit, target, value);

    /// <summary>The servers that are compared, all of them up.</summary>
    public async Task<Target[]> StartAllAsync(CancellationToken cancellationToken) =>
    [
        .. await StartChasquisAsync(cancellationToken),
        await BaselineTarget.StartBareAsync(cancellationToken),
        await BaselineTarget.StartStockAsync(cancellationToken),
        .. await BaselineTarget.StartNchanAsync(cancellationToken),
    ];

    /// <summary>Each build of Chasqui that is measured, in a command of its own.</summary>
    public IEnumerable<(string Name, ChasquiCommand Command)> Builds(string? server)
    {
        yield return (ChasquiTarget.Chasqui, ChasquiCommand.For(server, ChasquiCommand.ForLoad));
        if (options.Against is { } other)
        {
            yield return (ChasquiTarget.Against, ChasquiCommand.For(other, ChasquiCommand.ForLoad));
        }
    }

    public async Task<Target[]> StartChasquisAsync(CancellationToken cancellationToken) => await Task.WhenAll<Target>(
        Builds(options.Server).Select(async build =>
            (Target)await ChasquiTarget.StartAsync(build.Command, cancellationToken, build.Name)));

    public Task<ChasquiTarget> StartChasquiAsync(CancellationToken cancellationToken) =>
        ChasquiTarget.StartAsync(ChasquiCommand.For(options.Server, ChasquiCommand.ForLoad), cancellationToken);

    /// <summary>Chasqui as one of many servers, though it is the only one.</summary>
    public Task<ChasquiTarget> StartSharedAsync(string postgres, string redis, CancellationToken cancellationToken) =>
        ChasquiTarget.StartAsync(
            ChasquiCommand.For(options.Server, new Dictionary<string, string>(ChasquiCommand.ForLoad)
            {
                ["Storage:Provider"] = "Postgres",
                ["Storage:ConnectionString"] = postgres,
                ["Backplane:Redis"] = redis,
            }),
            cancellationToken,
            ChasquiTarget.Shared);

    /// <summary>Takes turns: a round to warm up, which does not count, and then the others. Who begins changes from round to round.</summary>
    /// <param name="turns">For each target, what it does in one round; it is told whether that counts.</param>
    public async Task TakeTurnsAsync(IReadOnlyList<(string Target, Func<bool, Task> Run)> turns)
    {
        for (var round = 0; round <= options.Rounds; round++)
        {
            for (var i = 0; i < turns.Count; i++)
            {
                var (target, run) = turns[(i + round) % turns.Count];
                Say(round == 0 ? $"{target} warms up" : $"{target}, round {round} of {options.Rounds}");
                await run(round > 0);
            }
        }
    }

    /// <summary>Measures what a server needs for something.</summary>
    /// <param name="server">The server.</param>
    /// <param name="run">Gives how many things were done.</param>
    public static async Task<Cost> MeasureAsync(ServerProcess server, Func<Task<long>> run)
    {
        await using var instructions = InstructionCount.Of(server.Figures);
        var (processor, started) = (server.Figures.ProcessorTime, Stopwatch.GetTimestamp());
        var count = await run();
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new Cost(
            count,
            elapsed,
            server.Figures.ProcessorTime - processor,
            instructions is null ? null : await instructions.StopAsync());
    }
}
