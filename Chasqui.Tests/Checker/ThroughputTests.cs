using System.Diagnostics;
using System.Globalization;
using Chasqui.Tests.Support;
using Xunit.Abstractions;

namespace Chasqui.Tests.Checker;

/// <summary>
/// Measures at default settings, the load included, and prints what it finds. It asserts only that nothing went wrong
/// meanwhile: how fast a machine is, is no test.
/// </summary>
[Collection(Support.Load.Collection)]
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const int Messages = 90_000;
    private const int WarmUp = 20_000;
    private const int Pace = 5_000;
    private const int PacedMessages = 8 * Pace;
    private const int PacedWarmUp = 3 * Pace;

    private static readonly LoadOptions FiveHundredPairs = new()
    {
        Rooms = 500,
        RawClients = 1_000,
        // No divisor of 500, so that the two of a room are two people.
        People = 101,
        SignalRClients = 0,
        RoomsPerClient = 1,
        OneInHangsUp = 0,
        Seed = 0,
    };

    [Fact]
    public async Task DurableAcksPerSecondOfFiveHundredPairs()
    {
        using var data = new TemporaryFolder();
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "throughput", server, FiveHundredPairs with { Window = 1, Messages = Messages }, output);

        scenario.Load.Start();
        await Scenario.WithinDeadline(scenario.Progress.WhenAcksAsync(WarmUp));
        var start = Sample.Take(scenario, server);
        // The last few clients have no neighbours to share a commit with.
        await Scenario.WithinDeadline(scenario.Progress.WhenAcksAsync(Messages - (2 * FiveHundredPairs.RawClients)));
        var figures = Sample.Take(scenario, server).Since(start);
        await scenario.FinishAsync($"throughput, 500 rooms of 2, {figures}");
    }

    [Fact]
    public async Task LatencyOfAnAckAtFiveThousandMessagesASecond()
    {
        using var data = new TemporaryFolder();
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "latency", server, FiveHundredPairs with { Window = 0, Messages = PacedMessages }, output);

        scenario.Load.Start();
        await Scenario.WithinDeadline(scenario.Load.WhenJoinedAsync());
        var pace = Checker.Pace.RunAsync(scenario.Load, Pace);
        await Scenario.WithinDeadline(scenario.Progress.WhenAcksAsync(PacedWarmUp));
        foreach (var client in scenario.Load.Clients)
        {
            client.Record.ForgetLatencies();
        }

        await Scenario.WithinDeadline(pace);
        await scenario.FinishAsync($"latency at {Pace} messages/s, 500 rooms of 2");
    }

    /// <summary>Of one moment: how far the load is, and what it has cost both processes.</summary>
    private readonly record struct Sample(long Acks, long At, TimeSpan Server, TimeSpan Clients)
    {
        public static Sample Take(Scenario scenario, RestartableServer server)
        {
            using var self = Process.GetCurrentProcess();
            return new Sample(
                scenario.Progress.Acks, Stopwatch.GetTimestamp(), server.ProcessorTime, self.TotalProcessorTime);
        }

        public string Since(Sample start)
        {
            var acks = Acks - start.Acks;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{acks / Stopwatch.GetElapsedTime(start.At, At).TotalSeconds:F0} durable acks/s, processor time per ack: "
                + $"server {(Server - start.Server).TotalMicroseconds / acks:F0}us, "
                + $"load {(Clients - start.Clients).TotalMicroseconds / acks:F0}us");
        }
    }
}
