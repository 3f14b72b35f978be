using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Convergence;

/// <summary>
/// Many clients change the same messages over all transports while servers, Redis and the database fail. In the end each of them
/// holds what the server holds.
/// </summary>
internal static class Convergence
{
    private const int Rooms = 16;
    private const int MembersOfRoom = 6;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(20);

    /// <param name="name">What is tried.</param>
    /// <param name="nodes">The servers.</param>
    /// <param name="operations">Of all clients; <c>CHASQUI_OPERATIONS</c> asks for others.</param>
    /// <param name="faults">Evenly spread over them.</param>
    /// <param name="failAsync">Makes something fail, and work again.</param>
    public static async Task RunAsync(string name, Nodes nodes, int operations, int faults, Func<Random, Task> failAsync)
    {
        var seed = Scenario.NewSeed();
        TestOutput.WriteLine($"CHASQUI_SEED={seed}");
        var random = new Random(seed);
        operations = int.TryParse(Environment.GetEnvironmentVariable("CHASQUI_OPERATIONS"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : operations;
        using var api = new Api(() => nodes.Url);
        using var stop = new CancellationTokenSource(Deadline);
        var rooms = new List<Participant[]>();
        for (var room = 0; room < Rooms; room++)
        {
            var members = await Task.WhenAll(Enumerable.Range(0, MembersOfRoom).Select(_ => api.RegisterAsync()));
            var opened = await api.OpenRoomAsync(members);
            rooms.Add([.. members.Select((member, number) => new Participant(nodes, member, opened, number, random.Next()))]);
        }

        var clock = Stopwatch.StartNew();
        var all = rooms.SelectMany(room => room).ToList();
        var each = operations / all.Count;
        var done = 0;
        var reached = Enumerable.Range(1, faults).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var running = Task.WhenAll(all.Select(participant => participant.RunAsync(each, OnDone, stop.Token)));
        foreach (var next in reached)
        {
            // A fault that ends the load early must not wait for the rest of it.
            await Task.WhenAny(next.Task, running);
            await failAsync(random);
        }

        await running;
        foreach (var room in rooms)
        {
            await CompareAsync(room, stop.Token);
        }

        TestOutput.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {each * all.Count} operations, {faults} faults, {all.Sum(one => one.Reconnects)} connections, {clock.Elapsed.TotalSeconds:0} s, no difference"));
        foreach (var participant in all)
        {
            await participant.DisposeAsync();
        }

        void OnDone()
        {
            var place = (long)Interlocked.Increment(ref done) * (faults + 1) / (each * all.Count);
            if (place > 0 && place <= faults)
            {
                reached[place - 1].TrySetResult();
            }
        }
    }

    private static async Task CompareAsync(Participant[] members, CancellationToken stop)
    {
        var replayed = await members[0].ReplayAsync(stop);
        var stored = (await members[0].HistoryAsync(stop)).ConvertAll(Text);

        Assert.Equal(members.Sum(member => member.Sent), stored.Count);
        Assert.Equal(stored, replayed.Messages.Select(Text));
        foreach (var member in members)
        {
            await member.CatchUpAsync(replayed.Seq, stop);
            Assert.Empty(member.Differences);
            Assert.Equal(replayed.Seq, member.Replica.Seq);
            Assert.Equal(stored, member.Replica.Messages.Select(Text));
        }
    }

    private static string Text(Message message) => JsonSerializer.Serialize(message, ChatJson.Options);
}

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class ConvergenceTests
{
    [Fact]
    public async Task ClientsOfAServerThatIsKilledHoldWhatItHolds()
    {
        using var data = new TemporaryFolder();
        await using var server = await RestartableServer.CreateAsync(Store.Sqlite, data);
        await server.StartAsync();

        await Convergence.RunAsync("SQLite", server, operations: 171_000, faults: 12, async _ =>
        {
            await server.KillAsync();
            await server.StartAsync();
        });
    }
}

[FullTier]
[PostgresTests]
[Collection(Support.Load.Collection)]
public sealed class ManyServersConvergenceTests
{
    [Fact, Needs(Redis.Program)]
    public async Task ClientsOfThreeServersThatFailHoldWhatTheDatabaseHolds()
    {
        await using var cluster = await Checker.Cluster.StartAsync(servers: 3);

        await Convergence.RunAsync("three servers", cluster.Nodes, operations: 30_000, faults: 10, async random =>
        {
            var one = cluster.Nodes.Servers[random.Next(3)];
            switch (random.Next(5))
            {
                case 0:
                    await one.KillAsync();
                    await one.StartAsync();
                    break;
                case 1:
                    await one.TerminateAsync();
                    await one.StartAsync();
                    break;
                case 2:
                    await cluster.Redis.KillAsync();
                    await cluster.Redis.StartAsync();
                    break;
                case 3:
                    await cluster.FailOverAsync();
                    break;
                default:
                    await cluster.Postgres.RestartAsync();
                    break;
            }
        });
    }
}
