using System.Net.Sockets;
using Chasqui.Server.CommandLine;
using Chasqui.Server.Configuration;
using Microsoft.Extensions.Options;

try
{
    return await ChasquiCommand.RunAsync(args);
}
catch (Exception e) when (e is StartupException or OptionsValidationException or InvalidOperationException or IOException
    or InvalidDataException or SocketException)
{
    // What an operator can mend: a sentence, not a stack trace. Kestrel words an address that is taken, and no other.
    var sentence = e is SocketException ? $"urls names an address that it cannot listen on: {e.Message}" : e.Message;
    await Console.Error.WriteLineAsync($"Chasqui cannot start: {sentence}");
    return (e as StartupException)?.ExitCode ?? (ListenAddresses.IsTaken(e) ? ExitCodes.Unavailable : ExitCodes.CannotStart);
}
