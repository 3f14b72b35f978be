using System.CommandLine;
using System.Net.WebSockets;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Chasqui.Bench.Baselines;
using Chasqui.Bench.Reporting;
using Chasqui.Bench.Scenarios;
using Chasqui.Bench.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Chasqui.Bench;

/// <summary>The command line.</summary>
internal static class BenchCommand
{
    /// <summary>The command by which this program starts itself as a baseline.</summary>
    public const string Serve = "serve";

    private static readonly Option<int> Rounds = Number("--rounds", 5, "How often each figure is taken; the median counts", 1, 1000);
    private static readonly Option<int> Seconds = Number("--seconds", 4, "How long each round lasts", 1, 3600);
    private static readonly Option<int> WarmUp = Number("--warm-up", 10, "How many seconds each server runs before its rounds", 1, 3600);
    private static readonly Option<int> Members = Number("--members", 1000, "fanout: members of the room", 2, 1000);
    private static readonly Option<int> Rooms = Number("--rooms", 500, "pairs, steady: rooms of two", 1, 10_000);
    private static readonly Option<int> Connections = Number("--connections", 10_000, "idle: connections", 1, 20_000);
    private static readonly Option<string?> Server = new("--server")
    {
        Description = "A published Chasqui.Server to measure (its executable or its dll), instead of the build in the folder of this program",
        Recursive = true,
    };

    private static readonly Option<string?> Against = new("--against")
    {
        Description = "Another published Chasqui.Server, measured in turns with the first (not in login and shared)",
        Recursive = true,
    };

    private static readonly Option<string?> Postgres = new("--postgres")
    {
        Description = "shared: the connection string of an empty PostgreSQL database; without it shared is left out",
        Recursive = true,
    };

    private static readonly Option<string?> Redis = new("--redis")
    {
        Description = "shared: the Redis of that database, as host:port",
        Recursive = true,
    };

    private static readonly Option<string> Output = new("--output")
    {
        Description = "The folder for bench.md and bench.json",
        DefaultValueFactory = _ => ".",
        Recursive = true,
    };

    public static RootCommand Build()
    {
        var root = new RootCommand("""
            Measures Chasqui over real sockets, together with servers that store nothing: a bare WebSocket room, a stock SignalR
            hub and, in fanout, pairs and steady, nchan where Debian's nginx and libnginx-mod-nchan are installed.

            Every server is a process of its own, and they take turns in each round, so that what else this machine does hits
            all of them. Processor time is read from /proc (and instructions are counted where perf can): it is what a
            delivery or a message costs the server, whatever the load generator costs. Runs on Linux.
            """)
        {
            Rounds, Seconds, WarmUp, Members, Rooms, Connections, Server, Against, Postgres, Redis, Output,
        };
        foreach (var scenario in Scenario.All)
        {
            var command = new Command(scenario.Name, scenario.Description);
            command.SetAction((parsed, cancellationToken) => RunAsync([scenario], parsed, cancellationToken));
            root.Add(command);
        }

        var all = new Command("all", "Every one of these, one after the other");
        all.SetAction((parsed, cancellationToken) => RunAsync(Scenario.All, parsed, cancellationToken));
        root.Add(all);
        root.Add(Micro());
        root.Add(ServeBaseline());
        return root;
    }

    private static Command Micro()
    {
        var arguments = new Argument<string[]>("arguments") { Description = "For BenchmarkDotNet, such as --filter '*'" };
        var command = new Command("micro", "Micro-benchmarks of the protocol and the log, with allocations, by BenchmarkDotNet") { arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed =>
        {
            string[] given = [.. parsed.GetValue(arguments)!, .. parsed.UnmatchedTokens];
            // In this process: what BenchmarkDotNet would generate and build knows nothing of the packages that are pinned here.
            BenchmarkSwitcher.FromAssembly(typeof(BenchCommand).Assembly).Run(
                given.Length > 0 ? given : ["--filter", "*"],
                DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
        });
        return command;
    }

    private static Command ServeBaseline()
    {
        var name = new Argument<string>("name");
        var url = new Argument<string>("url");
        var command = new Command(Serve, "Runs a baseline until it is ended") { name, url };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Func<string, WebApplication> build = parsed.GetValue(name) == BaselineTarget.Bare ? BareServer.Build : StockServer.Build;
            await using var server = build(parsed.GetValue(url)!);
            await server.StartAsync(cancellationToken);
            await server.WaitForShutdownAsync(cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(IEnumerable<Scenario> scenarios, ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new BenchOptions
        {
            Rounds = parsed.GetValue(Rounds),
            Round = TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Members = parsed.GetValue(Members),
            Rooms = parsed.GetValue(Rooms),
            Connections = parsed.GetValue(Connections),
            Server = parsed.GetValue(Server),
            Against = parsed.GetValue(Against),
            Postgres = parsed.GetValue(Postgres),
            Redis = parsed.GetValue(Redis),
            Output = parsed.GetValue(Output)!,
        };
        var report = new Report(options);
        try
        {
            foreach (var scenario in scenarios)
            {
                await scenario.RunAsync(new Bench(options, report, scenario.Name), cancellationToken);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or WebSocketException)
        {
            // A server refused something or fell silent: what follows would mean nothing, what was measured stays good.
            Progress.End();
            await Console.Error.WriteLineAsync($"Stopped: {e.Message}");
            await report.WriteAsync(cancellationToken);
            return 1;
        }

        Progress.End();
        await report.WriteAsync(cancellationToken);
        return 0;
    }

    private static Option<int> Number(string name, int value, string description, int min, int max)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description} ({min} to {max})",
            DefaultValueFactory = _ => value,
            Recursive = true,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < min || result.GetValueOrDefault<int>() > max)
            {
                result.AddError($"{name} must be between {min} and {max}");
            }
        });
        return option;
    }
}
