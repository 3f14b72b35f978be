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

        var command = ChasquiCommand.For(server, ChasquiCommand.ForLoad);
        using var full = new TemporaryFolder();
        bench.Say($"storing {Messages} messages");
        string conversation;
        await using (var chasqui = await ChasquiTarget.StartAsync(command, full, cancellationToken))
        {
            conversation = await chasqui.Api.OpenGroupAsync(await chasqui.Api.RegisterAsync(2, cancellationToken), cancellationToken);
        }

        await MessageFile.FillAsync(full.Path, conversation, Messages);
        await bench.TakeTurnsAsync(
        [
            ("empty", async counts =>
            {
                using var empty = new TemporaryFolder();
                await StartAsync("nothing stored", empty, counts);
            }),
            ("a million messages", counts => StartAsync("a million messages stored", full, counts)),
        ]);

        async Task StartAsync(string what, TemporaryFolder data, bool counts)
        {
            await using var process = command.Start(data.Path);
            var elapsed = await process.WhenUpAsync(cancellationToken);
            if (counts)
            {
                bench.Add($"{what}: start to first answer", "s", ChasquiTarget.Chasqui, elapsed.TotalSeconds);
            }
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
