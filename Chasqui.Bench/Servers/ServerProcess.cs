using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Chasqui.Bench.Measuring;

namespace Chasqui.Bench.Servers;

/// <summary>A server that is measured from outside: a process of its own on a free port of this machine.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly long _started;

    private ServerProcess(Process process, Uri url, long started)
    {
        _process = process;
        _started = started;
        Url = url;
    }

    public Uri Url { get; }

    public ProcessFigures Figures => new(_process.Id);

    /// <summary>Starts it; <see cref="WhenUpAsync"/> says when it serves.</summary>
    public static ServerProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Func<Uri, string[]> arguments)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments(url)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ASPNETCORE_URLS");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        // Output must be read: the server would stop once the pipe is full.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) =>
        {
            if (line.Data is not null)
            {
                Console.Error.WriteLine(line.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ServerProcess(process, url, started);
    }

    /// <summary>Waits for the first answer of any status.</summary>
    /// <returns>How long after the start of the process it came.</returns>
    public async Task<TimeSpan> WhenUpAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Url };
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/api/me", UriKind.Relative), cancellationToken);
                return Stopwatch.GetElapsedTime(_started);
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(_started) < StartDeadline)
            {
                await Task.Delay(1, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
