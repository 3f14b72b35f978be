using System.CommandLine;
using System.Net.Security;
using System.Net.Sockets;
using Chasqui.Server.Configuration;
using Chasqui.Server.Health;
using Chasqui.Server.Hosting;

namespace Chasqui.Server.CommandLine;

/// <summary>
/// <c>health</c>: asks the server on this machine, for a container without an HTTP client. A container calls it all the time, so
/// it starts nothing that it can do without: no host, no parser of the command line, no <see cref="HttpClient"/>.
/// </summary>
internal static class HealthCommand
{
    private const string Name = "health";
    private const int TimeoutMs = 3_000;

    /// <summary>Runs the command if it is the usual one: with no settings, or with these.</summary>
    /// <returns>The exit code; <see langword="null"/> for any other command line, which the parser reads.</returns>
    public static int? TryRun(string[] args)
    {
        if (args is not [Name, .. var settings] || !AreAddresses(settings))
        {
            return null;
        }

        var environment = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Production;
        // What the server reads, in the same order.
        var configuration = new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory)
            .AddEnvironmentVariables("DOTNET_")
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddJsonFile("appsettings.json", optional: true)
            .AddJsonFile($"appsettings.{environment}.json", optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(settings)
            .Build();
        return Ask(ListenAddresses.Reachable(configuration), Console.Out, Console.Error);
    }

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var settings = new Settings(arguments, shown: name => name == WebHostDefaults.ServerUrlsKey);
        var command = new Command(Name, """
            Ask the server on this machine with the same settings whether it is ready, and print its answer. The exit code is 0 if it
            is ready, and 1 if it is not or does not answer.
            """);
        settings.AddTo(command);
        command.SetAction(parsed => Ask(
            ListenAddresses.Reachable(ChatServer.Configuration(settings.Given(parsed))),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    private static bool AreAddresses(string[] settings)
    {
        for (var i = 0; i < settings.Length; i += 2)
        {
            if (settings[i] != "--" + WebHostDefaults.ServerUrlsKey || i + 1 == settings.Length)
            {
                return false;
            }
        }

        return true;
    }

    private static int Ask(BindingAddress server, TextWriter output, TextWriter errors)
    {
        try
        {
            using var socket = Connect(server);
            using var stream = Open(socket, server);
            // HTTP/1.0: the answer comes in one piece and ends with the connection.
            stream.Write(Encoding.ASCII.GetBytes($"GET {HealthEndpoints.Ready} HTTP/1.0\r\nHost: localhost\r\n\r\n"));
            using var reader = new StreamReader(stream);
            var answer = reader.ReadToEnd();
            var body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (!answer.StartsWith("HTTP/1.", StringComparison.Ordinal) || body < 0)
            {
                throw new IOException("the answer is not HTTP");
            }

            output.WriteLine(answer[(body + 4)..]);
            return answer.AsSpan("HTTP/1.1 ".Length).StartsWith("200", StringComparison.Ordinal)
                ? ExitCodes.Success
                : ExitCodes.Refused;
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            errors.WriteLine($"{server} does not answer: {e.Message}");
            return ExitCodes.Refused;
        }
    }

    private static Socket Connect(BindingAddress server)
    {
        var socket = server.IsUnixPipe
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        (socket.SendTimeout, socket.ReceiveTimeout) = (TimeoutMs, TimeoutMs);
        try
        {
            EndPoint address = server.IsUnixPipe
                ? new UnixDomainSocketEndPoint(server.UnixPipePath) : new DnsEndPoint(server.Host, server.Port);
            // Its own timeouts are not for connecting.
            var connecting = socket.BeginConnect(address, callback: null, state: null);
            if (!connecting.AsyncWaitHandle.WaitOne(TimeoutMs))
            {
                throw new IOException("no connection was made in time");
            }

            socket.EndConnect(connecting);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Stream Open(Socket socket, BindingAddress server)
    {
        var bytes = new NetworkStream(socket);
        if (server.Scheme == "http")
        {
            return bytes;
        }

        // The server is on this machine: its certificate has another name. The answer is not secret.
#pragma warning disable CA5359 // See above.
        var tls = new SslStream(bytes, leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        tls.AuthenticateAsClient(server.Host);
        return tls;
    }
}
