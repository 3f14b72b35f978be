using System.Diagnostics;
using System.Runtime.InteropServices;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Scenarios;

internal sealed class StartScenario()
    : Scenario("start", "From the start of the process to its first answer, as published (ReadyToRun): with nothing stored, and with a million messages")
{
    private const int Messages = 1_000_000;

    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var published = new TemporaryFolder();
        var server = bench.Options.Server;
        if (server is null)
        {
            bench.Say("publishing the server");
            server = await PublishAsync(published, cancellationToken);
        }

        await using var folders = new Disposables<Build>();
        foreach (var (name, command) in bench.Builds(server))
        {
            bench.Say($"{name}: storing {Messages} messages");
            folders.Items.Add(await Build.FillAsync(name, command, cancellationToken));
        }

        await bench.TakeTurnsAsync(
        [
            .. folders.Items.Select(build => ($"{build.Name}, empty", (Func<bool, Task>)(async counts =>
            {
                using var empty = new TemporaryFolder();
                await StartAsync(build, "nothing stored", empty, counts);
            }))),
            .. folders.Items.Select(build => ($"{build.Name}, a million messages", (Func<bool, Task>)(counts =>
                StartAsync(build, "a million messages stored", build.Full, counts)))),
        ]);

        async Task StartAsync(Build build, string what, TemporaryFolder data, bool counts)
        {
            await using var process = build.Command.Start(data.Path);
            var elapsed = await process.WhenUpAsync(cancellationToken);
            if (counts)
            {
                bench.Add($"{what}: start to first answer", "s", build.Name, elapsed.TotalSeconds);
            }
        }
    }

    /// <summary>A build, and a data folder with a million messages that it has made.</summary>
    private sealed record Build(string Name, ChasquiCommand Command, TemporaryFolder Full) : IAsyncDisposable
    {
        public static async Task<Build> FillAsync(string name, ChasquiCommand command, CancellationToken cancellationToken)
        {
            var full = new TemporaryFolder();
            string conversation;
            await using (var chasqui = await ChasquiTarget.StartAsync(command, full, cancellationToken))
            {
                conversation = await chasqui.Api.OpenGroupAsync(await chasqui.Api.RegisterAsync(2, cancellationToken), cancellationToken);
            }

            await MessageFile.FillAsync(full.Path, conversation, Messages);
            return new Build(name, command, full);
        }

        public ValueTask DisposeAsync()
        {
            Full.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private static async Task<string> PublishAsync(TemporaryFolder folder, CancellationToken cancellationToken)
    {
        // From where this program was built, next to the server's own project.
        var project = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../Chasqui.Server"));
        using var publish = Process.Start(new ProcessStartInfo("dotnet",
        [
            "publish", project, "-c", "Release", "-o", folder.Path,
            "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false", "-p:PublishReadyToRun=true",
        ])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await publish.StandardOutput.ReadToEndAsync(cancellationToken);
        await publish.WaitForExitAsync(cancellationToken);
        return publish.ExitCode == 0
            ? Path.Combine(folder.Path, "Chasqui.Server.dll")
            : throw new InvalidOperationException($"The server cannot be published; name a published one with --server. {output}");
    }
}
