using System.CommandLine;
using Chasqui.Server.Configuration;
using Chasqui.Server.Health;
using Chasqui.Server.Hosting;

namespace Chasqui.Server.CommandLine;

/// <summary><c>health</c>: asks the server on this machine, for a container without an HTTP client.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var settings = new Settings(arguments, shown: name => name == WebHostDefaults.ServerUrlsKey);
        var command = new Command("health", """
            Ask the server on this machine with the same settings whether it is ready, and print its answer. The exit code is 0 if it
            is ready, and 1 if it is not or does not answer.
            """);
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AskAsync(parsed, settings, cancellationToken));
        return command;
    }

    private static async Task<int> AskAsync(ParseResult parsed, Settings settings, CancellationToken cancellationToken)
    {
        var server = ListenAddresses.Reachable(ChatServer.Configuration(settings.Given(parsed)));
        // The server is on this machine: no proxy, and a certificate for another name. The answer is not secret.
        using var handler = new SocketsHttpHandler { UseProxy = false };
#pragma warning disable CA5359 // See above.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var http = new HttpClient(handler) { BaseAddress = server, Timeout = Deadline };
        try
        {
            using var answer = await http.GetAsync(HealthEndpoints.Ready, cancellationToken);
            parsed.Print(await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer.IsSuccessStatusCode ? ExitCodes.Success : ExitCodes.Refused;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            parsed.PrintError($"{server} does not answer: {e.Message}");
            return ExitCodes.Refused;
        }
    }
}
