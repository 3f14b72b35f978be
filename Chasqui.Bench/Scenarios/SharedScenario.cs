using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Scenarios;

internal sealed class SharedScenario()
    : Scenario("shared", "fanout and pairs once more: with its own file, and with PostgreSQL and Redis (--postgres, --redis)")
{
    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        if (bench.Options is not { Postgres: { } postgres, Redis: { } redis })
        {
            bench.Say("left out: it needs --postgres and --redis");
            return;
        }

        bench.Say("starting the servers");
        await using var targets = new Disposables<Target>(
            await bench.StartChasquiAsync(cancellationToken),
            await bench.StartSharedAsync(postgres, redis, cancellationToken));
        await FanoutScenario.RunAsync(bench, targets, cancellationToken);
        await PairsScenario.RunAsync(bench, targets, cancellationToken);
    }
}
