using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>
/// The server as an operator runs it: a process of its own, which can be killed, stopped and started again on the same
/// port and the same data.
/// </summary>
internal sealed class RestartableServer(string dataFolder) : IAsyncDisposable
{
    private const string StartupMark = "Chasqui listens on ";

    // P_PID and WSTOPPED of waitid(2).
    private const int ProcessWithId = 1;
    private const int WaitForStop = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly StringBuilder _output = new();
    private readonly List<string> _settings = [];
    private Process? _process;
    private TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string DataFolder => dataFolder;

    public Uri Url { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Completes as soon as the server takes connections; a client waits for it before it comes back.</summary>
    public Task WhenRunning => Volatile.Read(ref _running).Task;

    /// <summary>The processor time that this life of it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What it said on stdout and stderr, all its lives together.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it and waits until it takes connections.</summary>
    /// <param name="under">A command to run it under, such as strace with its options.</param>
    public async Task StartAsync(params string[] under)
    {
        string[] command =
        [
            .. under,
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            Path.Combine(AppContext.BaseDirectory, "Chasqui.Server.dll"),
            "--urls", Url.ToString().TrimEnd('/'),
            "--Storage:DataFolder", dataFolder,
            "--Accounts:BcryptCost", "4",
            "--Limits:Enabled", "false",
            .. _settings,
        ];
        var started = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
            EnableRaisingEvents = true,
        };
        process.OutputDataReceived += (_, line) => OnLine(line.Data, started);
        process.ErrorDataReceived += (_, line) => OnLine(line.Data, started);
        process.Exited += (_, _) => OnExited(process, started);
        _process = process;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Url = await started.Task.WaitAsync(Deadline);
        _running.TrySetResult();
    }

    /// <summary>One on an empty store of its own.</summary>
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

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Down();
        _process!.Kill(entireProcessTree: true);
        await WhenExitedAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        Down();
        Signal(Signals.Terminate);
        return await WhenExitedAsync();
    }

    public void Signal(int signal)
    {
        if (Kill(_process!.Id, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Halts it, and returns when every one of its threads stands: the signal alone only asks for that.</summary>
    public void Halt()
    {
        Signal(Signals.Stop);
        if (WaitId(ProcessWithId, _process!.Id, 0, WaitForStop) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <returns>The exit code.</returns>
    public async Task<int> WhenExitedAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(Deadline);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
    }

    private void Down()
    {
        if (WhenRunning.IsCompleted)
        {
            Volatile.Write(ref _running, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    private void OnExited(Process process, TaskCompletionSource<Uri> started)
    {
        if (process == _process)
        {
            Down();
        }

        started.TrySetException(new InvalidOperationException($"The server ended before it started: {Output}"));
    }

    private void OnLine(string? line, TaskCompletionSource<Uri> started)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line.IndexOf(StartupMark, StringComparison.Ordinal) is var mark and >= 0)
        {
            started.TrySetResult(new Uri(line[(mark + StartupMark.Length)..].Split(',')[0]));
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
