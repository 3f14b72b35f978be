namespace Chasqui.Bench.Scenarios;

/// <summary>One thing that is measured.</summary>
internal abstract class Scenario(string name, string description)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new FanoutScenario(), new PairsScenario(), new SteadyScenario(), new IdleScenario(), new HistoryScenario(),
        new LoginScenario(), new StartScenario(), new SharedScenario(),
    ];

    public string Name => name;

    public string Description => description;

    public abstract Task RunAsync(Bench bench, CancellationToken cancellationToken);
}
