using System.Diagnostics;
using Chasqui.Bench.Clients;
using Chasqui.Bench.Measuring;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Scenarios;

internal sealed class LoginScenario()
    : Scenario("login", "Chat at a hundred messages a second, quiet and during two hundred logins a second, at the default cost of passwords")
{
    private const int Rooms = 20;
    private const int MessagesPerSecond = 100;
    private const int LoginsPerSecond = 200;
    private const int TooManyRequests = 429;

    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        bench.Say("starting the server");
        // Logins are limited as they are by default, and cost what they cost by default.
        var command = ChasquiCommand.For(bench.Options.Server, new Dictionary<string, string>());
        await using var chasqui = await ChasquiTarget.StartAsync(command, cancellationToken);
        bench.Say("people register");
        var people = await chasqui.Api.RegisterAsync(2, cancellationToken);
        var seats = new List<Seat>();
        for (var i = 0; i < Rooms; i++)
        {
            var room = await chasqui.Api.OpenGroupAsync(people, cancellationToken);
            seats.AddRange(people.Select(person => chasqui.SeatOf(person, room)));
        }

        await using var connections = new Disposables<ChatConnection>(await chasqui.ConnectAsync(seats, cancellationToken));
        connections.Items.ForEach(member => member.Start());
        await bench.TakeTurnsAsync(
        [
            ("quiet", async counts => Report(bench, "quiet", await ChatAsync(connections.Items, bench.Options.Round), counts)),
            ("with logins", async counts =>
            {
                using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var logins = LogInAsync(chasqui.Api, people, over.Token);
                Report(bench, "with logins", await ChatAsync(connections.Items, bench.Options.Round), counts);
                await over.CancelAsync();
                var codes = await logins;
                if (counts)
                {
                    bench.Add("logins a second that were served", "", chasqui.Name, codes.Count(code => code == 200) / bench.Options.Round.TotalSeconds);
                    bench.Add("logins a second that were told to wait", "", chasqui.Name, codes.Count(code => code == TooManyRequests) / bench.Options.Round.TotalSeconds);
                }
            }),
        ]);
    }

    private static async Task<Latencies> ChatAsync(IReadOnlyList<ChatConnection> members, TimeSpan duration)
    {
        var latencies = new Latencies();
        foreach (var member in members)
        {
            member.Delivered = latencies.AddSince;
        }

        await Pace.RunAsync(members, MessagesPerSecond, duration);
        return latencies;
    }

    private static void Report(Bench bench, string how, Latencies latencies, bool counts)
    {
        if (counts)
        {
            bench.Add($"{how}: median from due to delivered", "ms", ChasquiTarget.Chasqui, latencies.Percentile(0.5));
            bench.Add($"{how}: p99 from due to delivered", "ms", ChasquiTarget.Chasqui, latencies.Percentile(0.99));
        }
    }

    /// <summary>Logs in at a fixed rate until it is ended.</summary>
    /// <returns>The status codes of those that were answered.</returns>
    private static async Task<List<int>> LogInAsync(ChasquiApi api, Person[] people, CancellationToken over)
    {
        var (started, logins) = (Stopwatch.GetTimestamp(), new List<Task<int>>());
        while (!over.IsCancellationRequested)
        {
            while (logins.Count < Stopwatch.GetElapsedTime(started).TotalSeconds * LoginsPerSecond)
            {
                logins.Add(api.TryLogInAsync(people[logins.Count % people.Length].Username, over));
            }

            await Task.Delay(1, CancellationToken.None);
        }

        var codes = new List<int>();
        foreach (var login in logins)
        {
            try
            {
                codes.Add(await login);
            }
            catch (OperationCanceledException)
            {
                // The round was over first.
            }
        }

        return codes;
    }
}
