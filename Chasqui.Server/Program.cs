using Chasqui.Server.Hosting;
using Chasqui.Server.Introspection;
using Microsoft.Extensions.Options;

try
{
    await using var app = ChatServer.Build(args);
    if (Listing.IsAsked(args))
    {
        Listing.Print(args, app, Console.Out);
        return ExitCodes.Done;
    }

    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception e) when (e is StartupException or OptionsValidationException or InvalidOperationException or IOException)
{
    // What an operator can mend: a sentence, not a stack trace.
    await Console.Error.WriteLineAsync($"Chasqui cannot start: {e.Message}");
    return ExitCodes.CannotStart;
}
