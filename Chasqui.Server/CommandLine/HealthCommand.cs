using System.CommandLine;
using Chasqui.Server.Configuration;
using Chasqui.Server.Health;
using Chasqui.Server.Hosting;

namespace Chasqui.Server.CommandLine;

/// <summary><c>health</c>: asks a server of this machine, for a container that has no other program to do so.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var settings = new Settings(arguments, explained: name => name == WebHostDefaults.ServerUrlsKey);
        var command = new Command("health", """
            Ask the server that runs on this machine with the same settings whether it is ready, and print its answer. The exit code is 0
            when it is, and 1 when it is not or does not answer.
            """);
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AskAsync(parsed, settings, cancellationToken));
        return command;
    }

    private static async Task<int> AskAsync(ParseResult parsed, Settings settings, CancellationToken cancellationToken)
    {
        var server = ListenAddresses.Reachable(ChatServer.Configuration(settings.Given(parsed)));
        // It is on this machine, whatever proxy leads out of it, and whatever name its certificate has. Nothing secret is asked.
        using var handler = new SocketsHttpHandler { UseProxy = false };
#pragma warning disable CA5359 // The certificate is for the name by which others know it.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var http = new HttpClient(handler) { BaseAddress = server, Timeout = Deadline };
        try
        {
            using var answer = await http.GetAsync(HealthEndpoints.Ready, cancellationToken);
            parsed.Say(await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer.IsSuccessStatusCode ? ExitCodes.Done : ExitCodes.Refused;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            parsed.Complain($"{server} does not answer: {e.Message}");
            return ExitCodes.Refused;
        }
    }
}
