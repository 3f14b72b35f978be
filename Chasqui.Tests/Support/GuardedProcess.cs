using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Chasqui.Tests.Support;

/// <summary>A third-party server that the tests start. It ends with them, also when they are killed.</summary>
public sealed class GuardedProcess : IAsyncDisposable
{
    // A shell stands between: it reads until this process says something or is gone, however it went. As the parent it can
    // still name its child when that has ended, which would otherwise be another program's number by then.
    private const string Guard = """
        trap '' HUP INT TERM
        signal=$1 folder=$2; shift 2
        sh -c 'echo $$; exec "$@" 2>&1' sh "$@" </dev/null &
        read -r kept
        kill "-$signal" $!; wait $!
        test "$kept" || rm -rf "$folder"
        """;

    /// <summary>What PostgreSQL (a standby too) and Redis say.</summary>
    private const string Ready = "eady to accept ";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _guard;

    private GuardedProcess(Process guard) => _guard = guard;

    /// <summary>Of the server, not of its guard.</summary>
    public int Id { get; private set; }

    /// <summary>Starts it and waits until it takes connections.</summary>
    /// <param name="signal">What ends it, such as <c>KILL</c>.</param>
    /// <param name="folder">Its data, which goes when the tests are gone.</param>
    /// <param name="command">The program and its arguments.</param>
    public static Task<GuardedProcess> StartAsync(string signal, string folder, params string[] command) =>
        StartAsync(signal, folder, started => started.ReadUntilReadyAsync(), command);

    /// <summary>Starts one that does not say when it takes connections at an address.</summary>
    public static Task<GuardedProcess> StartAsync(string signal, string folder, Uri address, params string[] command) =>
        StartAsync(signal, folder, started => started.ConnectAsync(address), command);

    private static async Task<GuardedProcess> StartAsync(string signal, string folder, Func<GuardedProcess, Task> ready, string[] command)
    {
        var started = new GuardedProcess(Process.Start(new ProcessStartInfo("sh", ["-c", Guard, "guard", signal, folder, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
        try
        {
            await ready(started).WaitAsync(Deadline);
            return started;
        }
        catch
        {
            await started.EndAsync();
            throw;
        }
    }

    /// <summary>Ends it and keeps its data.</summary>
    public async Task EndAsync()
    {
        if (!_guard.HasExited)
        {
            await _guard.StandardInput.WriteLineAsync("kept");
            await _guard.StandardInput.FlushAsync();
            await _guard.WaitForExitAsync().WaitAsync(Deadline);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_guard.HasExited)
        {
            // As if this process were gone.
            _guard.StandardInput.Close();
            await _guard.WaitForExitAsync().WaitAsync(Deadline);
        }

        _guard.Dispose();
    }

    private async Task ConnectAsync(Uri address)
    {
        var output = _guard.StandardOutput;
        Id = int.Parse((await output.ReadLineAsync())!, CultureInfo.InvariantCulture);
        _ = output.BaseStream.CopyToAsync(Stream.Null);
        while (!_guard.HasExited)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(address.Host, address.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private async Task ReadUntilReadyAsync()
    {
        var output = _guard.StandardOutput;
        Id = int.Parse((await output.ReadLineAsync())!, CultureInfo.InvariantCulture);
        var said = new List<string>();
        while (await output.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (line.Contains(Ready, StringComparison.Ordinal))
            {
                // The rest of its output is discarded, so that the pipe never fills.
                _ = output.BaseStream.CopyToAsync(Stream.Null);
                return;
            }
        }

        throw new InvalidOperationException($"It did not start: {string.Join('\n', said)}");
    }
}
