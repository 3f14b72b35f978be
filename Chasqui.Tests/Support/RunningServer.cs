using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Chasqui.Tests.Support;

/// <summary>The built server as a process of its own, on a free port, with its data in a folder of its own.</summary>
public sealed partial class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;
    private readonly TaskCompletionSource<string> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningServer(string[] settings)
    {
        _process = new Process
        {
            StartInfo = Programs.Describe(
                "dotnet", _folder.Path, [Programs.ServerDll, "--urls", "http://127.0.0.1:0", .. settings]),
        };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _listening.TrySetException(new InvalidOperationException("The server ended before it listened"));
            }
            else if (Listening().Match(line.Data) is { Success: true } match)
            {
                _listening.TrySetResult(match.Groups[1].Value);
            }
        };
        _process.ErrorDataReceived += (_, _) => { };
    }

    /// <summary>The address of the server, without a slash at its end.</summary>
    public string Url { get; private set; } = "";

    public static async Task<RunningServer> StartAsync(params string[] settings)
    {
        var server = new RunningServer(settings);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        server.Url = await server._listening.Task.WaitAsync(Deadline);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    [GeneratedRegex("listens on (http://[^, ]+)")]
    private static partial Regex Listening();
}
