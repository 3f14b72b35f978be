using System.CommandLine;
using Chasqui.Server.Configuration;
using Chasqui.Server.Hosting;
using Chasqui.Server.Storage;

namespace Chasqui.Server.CommandLine;

/// <summary>The actions of commands: services, the database, and exit codes for exceptions.</summary>
internal static class CommandActions
{
    /// <summary>Runs with the server's services and its open database, whether the server runs or not.</summary>
    public static Command WithDatabase(
        this Command command, Settings settings, Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> run) =>
        command.WithServices(settings, async (parsed, services, cancellationToken) =>
        {
            services.GetRequiredService<StorageStartup>().Open(attachToRunningServer: true);
            try
            {
                return await run(parsed, services, cancellationToken);
            }
            finally
            {
                await services.GetRequiredService<WriteQueue>().StopAsync();
            }
        });

    /// <summary>Runs with the server's services. The database is not opened, and nothing listens.</summary>
    public static Command WithServices(
        this Command command, Settings settings, Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> run)
    {
        settings.AddTo(command);
        return command.WithAction(async (parsed, cancellationToken) =>
        {
            // Standard output is for programs: the log goes to standard error.
            await using var app = ChatServer.Build(
                [.. settings.Given(parsed), "--Logging:Console:LogToStandardErrorThreshold", "Trace"]);
            return await run(parsed, app.Services, cancellationToken);
        });
    }

    public static Command WithAction(this Command command, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await run(parsed, cancellationToken);
            }
            catch (Exception e) when (Failure(e) is not null)
            {
                var (message, exitCode) = Failure(e)!.Value;
                parsed.PrintError(message);
                return exitCode;
            }
        });
        return command;
    }

    /// <summary>Cancels on SIGINT and SIGTERM, which would otherwise end the process at once.</summary>
    public static async Task<T> CancelOnSignalAsync<T>(Func<CancellationToken, Task<T>> run)
    {
        using var stopped = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await run(stopped.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.Cancel();
        }
    }

    public static void Print(this ParseResult parsed, string line) => parsed.InvocationConfiguration.Output.WriteLine(line);

    public static void PrintError(this ParseResult parsed, string line) => parsed.InvocationConfiguration.Error.WriteLine(line);

    public static ProgressOutput Progress(this ParseResult parsed) =>
        new(parsed.InvocationConfiguration.Error, isTerminal: !Console.IsErrorRedirected);

    private static (string Message, int ExitCode)? Failure(Exception e) => e switch
    {
        StartupException startup => (e.Message, startup.ExitCode),
        CommandException command => (e.Message, command.ExitCode),
        OptionsValidationException => (e.Message, ExitCodes.CannotStart),
        OperationCanceledException => ("Stopped. Run the same command again.", ExitCodes.Stopped),
        DbException => ($"The database cannot be read: {e.Message}", ExitCodes.StorageFailed),
        WriteRefusedException => ($"The database cannot be written: {e.InnerException?.Message ?? e.Message}", ExitCodes.StorageFailed),
        _ => null,
    };
}
