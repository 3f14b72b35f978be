using System.ComponentModel;
using System.Runtime.InteropServices;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>A server process that can be killed, stopped and started again on the same port and the same data.</summary>
internal sealed class RestartableServer(string dataFolder) : IAsyncDisposable
{
    // P_PID and WSTOPPED of waitid(2).
    private const int ProcessWithId = 1;
    private const int WaitForStop = 2;

    private readonly List<string> _settings = [];
    private readonly List<ServerProcess> _processes = [];
    private TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Uri Url { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Completes as soon as the server takes connections. Clients wait for it before they reconnect.</summary>
    public Task WhenRunning => Volatile.Read(ref _running).Task;

    /// <summary>The output of all its processes.</summary>
    public string Output => string.Concat(_processes.Select(process => process.Output + process.Errors));

    private ServerProcess Process => _processes[^1];

    /// <summary>A server on an empty store of its own.</summary>
    /// <param name="store">Which one.</param>
    /// <param name="folder">Of SQLite's data.</param>
    public static async Task<RestartableServer> CreateAsync(Store store, TemporaryFolder folder)
    {
        var server = new RestartableServer(folder.Path);
        return store == Store.Postgres ? server.On(await (await Postgres.SharedAsync()).CreateDatabaseAsync()) : server;
    }

    /// <summary>Lets it keep its data in a PostgreSQL database.</summary>
    public RestartableServer On(string connectionString) =>
        With("--Storage:Provider", "Postgres", "--Storage:ConnectionString", connectionString);

    /// <summary>Adds settings to the next start.</summary>
    public RestartableServer With(params string[] settings)
    {
        _settings.AddRange(settings);
        return this;
    }

    /// <summary>Starts it and waits until it takes connections.</summary>
    /// <param name="under">A command to run it under, such as strace with its options.</param>
    public async Task StartAsync(params string[] under)
    {
        var process = ServerProcess.StartUnder(under, dataFolder, environment: null, [
            "--urls", Url.ToString().TrimEnd('/'), "--Storage:DataFolder", dataFolder, "--Accounts:BcryptCost", "4",
            "--Limits:Enabled", "false", .. _settings,
        ]);
        _processes.Add(process);
        Url = new Uri(await process.UrlAsync());
        _running.TrySetResult();
        _ = StopRunningWhenEndedAsync(process);
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        StopRunning();
        await Process.KillAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        StopRunning();
        Signal(Signals.Terminate);
        return await WhenExitedAsync();
    }

    public void Signal(int signal)
    {
        if (Kill(Process.Id, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Halts it, and returns when every one of its threads stands: the signal alone only asks for that.</summary>
    public void Halt()
    {
        Signal(Signals.Stop);
        if (WaitId(ProcessWithId, Process.Id, 0, WaitForStop) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <returns>The exit code.</returns>
    public async Task<int> WhenExitedAsync() => (await Process.ExitAsync()).ExitCode;

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    private async Task StopRunningWhenEndedAsync(ServerProcess process)
    {
        await process.WhenEnded;
        if (process == Process)
        {
            StopRunning();
        }
    }

    private void StopRunning()
    {
        if (WhenRunning.IsCompleted)
        {
            Volatile.Write(ref _running, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);

    [DllImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static extern int WaitId(int idType, int id, nint information, int options);
}

/// <summary>Signals by number, as Linux has them on every architecture that .NET runs on.</summary>
internal static class Signals
{
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
}
