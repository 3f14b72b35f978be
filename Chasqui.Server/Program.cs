using System.Net.Sockets;
using Chasqui.Server.CommandLine;
using Chasqui.Server.Configuration;
using Chasqui.Server.FrameworkWorkarounds;

try
{
    return HealthCommand.TryRun(args) ?? await ChasquiCommand.RunAsync(args);
}
catch (Exception e) when (e is StartupException or OptionsValidationException or InvalidOperationException or IOException
    or InvalidDataException or SocketException)
{
    // The operator can correct these: a sentence, no stack trace. Kestrel's text names the address only if it is in use.
    var sentence = e is SocketException ? $"urls names an address that it cannot listen on: {e.Message}" : e.Message;
    await Console.Error.WriteLineAsync($"Chasqui cannot start: {sentence}");
    return (e as StartupException)?.ExitCode ?? (AddressInUse.Is(e) ? ExitCodes.Unavailable : ExitCodes.CannotStart);
}
