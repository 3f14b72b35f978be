using System.Net.Sockets;
using Chasqui.Server.CommandLine;
using Chasqui.Server.Configuration;
using Chasqui.Server.FrameworkWorkarounds;

try
{
    return HealthCommand.TryRun(args) ?? await ChasquiCommand.RunAsync(args);
}
catch (Exception e) when (e is StartupException or OptionsValidationException or InvalidOperationException or IOException
    or UnauthorizedAccessException or InvalidDataException or SocketException)
{
    // The operator can correct these: a sentence, no stack trace. Kestrel's text names the address only if it is in use.
    var known = e is SocketException socket ? ListenAddresses.Refused(socket) : e;
    await Console.Error.WriteLineAsync($"Chasqui cannot start: {known.Message}");
    return (known as StartupException)?.ExitCode ?? (AddressInUse.Is(known) ? ExitCodes.Unavailable : ExitCodes.CannotStart);
}
