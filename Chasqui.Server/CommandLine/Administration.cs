using System.CommandLine;
using System.Data.Common;
using Chasqui.Server.Configuration;
using Chasqui.Server.Hosting;
using Chasqui.Server.Storage;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.CommandLine;

/// <summary>A command that works on the data of a server, whether that one is running or not.</summary>
internal static class Administration
{
    private static readonly string[] Explained = ["Storage:Provider", "Storage:ConnectionString", "Storage:DataFolder"];

    /// <summary>What such commands can be told; one for all of them.</summary>
    public static Settings SettingsOf(IReadOnlyList<string> arguments) => new(arguments, explained: Explained.Contains);

    /// <summary>Gives a command its settings and what it does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="settings">See <see cref="SettingsOf"/>.</param>
    /// <param name="run">What it does, with the server's services; nothing of them is listening.</param>
    public static Command Does(
        this Command command, Settings settings, Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> run) =>
        command.DoesUnopened(settings, async (parsed, services, cancellationToken) =>
        {
            await using var storage = services.GetRequiredService<StorageStartup>().AttachToRunningServer();
            return await run(parsed, services, cancellationToken);
        });

    /// <summary>The same for a command that opens the database itself, or does without.</summary>
    public static Command DoesUnopened(
        this Command command, Settings settings, Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> run)
    {
        settings.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                // What is printed may be meant for programs, and the log is not.
                await using var app = ChatServer.Build([.. settings.Given(parsed), "--Logging:Console:LogToStandardErrorThreshold", "Trace"]);
                return await run(parsed, app.Services, cancellationToken);
            }
            catch (Exception e) when (e is StartupException or OptionsValidationException)
            {
                parsed.Complain(e.Message);
                return (e as StartupException)?.ExitCode ?? ExitCodes.CannotStart;
            }
            catch (DbException e)
            {
                parsed.Complain($"The database cannot be read: {e.Message}");
                return ExitCodes.StorageFailed;
            }
            catch (CommandException e)
            {
                parsed.Complain(e.Message);
                return ExitCodes.Refused;
            }
            catch (WriteRefusedException e)
            {
                parsed.Complain($"Nothing was changed: the database cannot be written ({e.InnerException?.Message ?? e.Message}).");
                return ExitCodes.StorageFailed;
            }
        });
        return command;
    }

    public static void Say(this ParseResult parsed, string sentence) => parsed.InvocationConfiguration.Output.WriteLine(sentence);

    public static void Complain(this ParseResult parsed, string sentence) => parsed.InvocationConfiguration.Error.WriteLine(sentence);
}
