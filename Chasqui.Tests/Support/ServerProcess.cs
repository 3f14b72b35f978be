using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Chasqui.Tests.Support;

/// <summary>The server as an operator starts it: <c>dotnet Chasqui.Server.dll</c>, with an environment of its own.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<string> _startupLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private ServerProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Of the process.</summary>
    public int Id => _process.Id;

    /// <summary>The standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>The standard error output so far.</summary>
    public string Errors => Text(_errors);

    /// <summary>Completes when the process has ended and all its output was read.</summary>
    public Task WhenEnded => _reading;

    public static ServerProcess Start(string workingFolder, IReadOnlyDictionary<string, string>? environment, params string[] args) =>
        StartUnder([], workingFolder, environment, args);

    /// <summary>Starts it under a command that replaces itself by the one that follows it.</summary>
    public static ServerProcess StartUnder(
        string[] under, string workingFolder, IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        string[] command = [.. under, "dotnet", Path.Combine(AppContext.BaseDirectory, "Chasqui.Server.dll"), .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ASPNETCORE_URLS");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>Runs a server that must exit.</summary>
    public static async Task<(int ExitCode, string Errors, string Output)> RunAsync(string dataFolder, params string[] args)
    {
        await using var server = Start(dataFolder, null, ["--urls", "http://127.0.0.1:0", "--Storage:DataFolder", dataFolder, .. args]);
        var (exitCode, errors) = await server.ExitAsync();
        return (exitCode, errors, server.Output);
    }

    /// <summary>Runs a server that must not start, and gives what it says.</summary>
    public static Task<string> RefusalAsync(string dataFolder, params string[] args) => RefusalAsync(exitCode: 78, dataFolder, args);

    /// <summary>The same for a temporary problem: its exit code asks for another start.</summary>
    public static Task<string> RefusalForNowAsync(string dataFolder, params string[] args) => RefusalAsync(exitCode: 69, dataFolder, args);

    private static async Task<string> RefusalAsync(int exitCode, string dataFolder, string[] args)
    {
        var (ended, errors, output) = await RunAsync(dataFolder, args);
        Assert.True(ended == exitCode, $"Exit code {ended}: {errors}{output}");
        // One sentence, and no stack trace anywhere.
        Assert.StartsWith("Chasqui cannot start: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors + output, StringComparison.Ordinal);
        return errors;
    }

    /// <summary>The line that says where everything is; from then on the server listens.</summary>
    public async Task<string> StartupLineAsync() => await _startupLine.Task.WaitAsync(Deadline);

    /// <summary>The address that it listens on, without a slash at its end.</summary>
    public async Task<string> UrlAsync() => ListensOn().Match(await StartupLineAsync()).Groups[1].Value;

    /// <summary>Waits until the log holds a text so many times.</summary>
    public async Task SaysAsync(string text, TimeSpan within, int times = 1)
    {
        using var deadline = new CancellationTokenSource(within);
        while (Regex.Count(Output, Regex.Escape(text)) < times)
        {
            Assert.False(deadline.IsCancellationRequested, $"It never said '{text}': {Output}{Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    public async Task<(int ExitCode, string Errors)> ExitAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(deadline.Token);
        await _reading;
        return (_process.ExitCode, Errors);
    }

    public async Task<(int ExitCode, string Errors)> TerminateAsync()
    {
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]);
        return await ExitAsync();
    }

    /// <summary>Ends the server as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [GeneratedRegex("listens on (http://[^, ]+)")]
    private static partial Regex ListensOn();

    private static string Text(StringBuilder output)
    {
        lock (output)
        {
            return output.ToString();
        }
    }

    private async Task ReadAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput, _output), ReadAsync(_process.StandardError, _errors));
        _startupLine.TrySetException(new InvalidOperationException($"The server never started: {Output}{Errors}"));
    }

    private async Task ReadAsync(StreamReader reader, StringBuilder output)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }

            if (line.Contains("Chasqui listens on", StringComparison.Ordinal))
            {
                _startupLine.TrySetResult(line);
            }
        }
    }
}
