using System.Diagnostics;
using System.Globalization;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

[PostgresTests]
[FullTier]
[Collection(Support.Load.Collection)]
public sealed class ManyServersTests
{
    /// <summary>In CI; <c>CHASQUI_FAULTS</c> asks for more.</summary>
    private const int DefaultFaults = 14;

    private const int Servers = 3;
    private const int MostMessagesBetweenFaults = 2_000;
    private const int MostMessagesInFault = 400;

    [Fact, Needs(Redis.Program)]
    public async Task FaultsOfThreeServersKeepEveryPromise()
    {
        var faults = int.TryParse(Environment.GetEnvironmentVariable("CHASQUI_FAULTS"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : DefaultFaults;
        await using var cluster = await Cluster.StartAsync(Servers);
        await using var scenario = await Scenario.PrepareAsync(
            "three servers",
            cluster.Nodes,
            new LoadOptions { Messages = int.MaxValue, Seed = Scenario.NewSeed() });
        Func<Task>[] kinds =
        [
            KillServerAsync, KillRedisAsync, HaltRedisAsync, RestartPostgresAsync, StopServerAsync, KillServerAsync,
            cluster.FailOverAsync,
        ];

        scenario.Load.Start();
        for (; scenario.Kills < faults; scenario.Kills++)
        {
            if (scenario.Kills % kinds.Length == 0)
            {
                scenario.Random.Shuffle(kinds);
            }

            await scenario.AfterAcksAsync(scenario.Random.Next(1, MostMessagesBetweenFaults));
            TestOutput.WriteLine(kinds[scenario.Kills % kinds.Length].Method.Name);
            await kinds[scenario.Kills % kinds.Length]();
        }

        await scenario.AfterAcksAsync(MostMessagesBetweenFaults);
        scenario.Progress.Stop();
        await scenario.FinishAsync();

        RestartableServer OneOf() => cluster.Nodes.Servers[scenario.Random.Next(Servers)];

        Task SomeMessagesAsync() => scenario.AfterAcksAsync(scenario.Random.Next(1, MostMessagesInFault));

        async Task KillServerAsync()
        {
            var server = OneOf();
            await server.KillAsync();
            await SomeMessagesAsync();
            await server.StartAsync();
        }

        async Task StopServerAsync()
        {
            var server = OneOf();
            await server.TerminateAsync();
            await SomeMessagesAsync();
            await server.StartAsync();
        }

        async Task KillRedisAsync()
        {
            await cluster.Redis.KillAsync();
            await SomeMessagesAsync();
            await cluster.Redis.StartAsync();
        }

        // The connections stay, and nothing comes over them.
        async Task HaltRedisAsync()
        {
            await SignalAsync("-STOP");
            await SomeMessagesAsync();
            await SignalAsync("-CONT");
        }

        async Task SignalAsync(string signal)
        {
            using var kill = Process.Start("kill", [signal, $"{cluster.Redis.ProcessId}"]);
            await kill.WaitForExitAsync();
        }

        Task RestartPostgresAsync() => cluster.Postgres.RestartAsync();
    }
}
