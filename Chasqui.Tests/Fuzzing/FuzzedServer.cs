using System.Diagnostics;
using System.Text.RegularExpressions;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Fuzzing;

/// <summary>A server process as an operator starts it, looked at from outside: its log, its memory, its sockets.</summary>
internal sealed partial class FuzzedServer : IAsyncDisposable
{
    private static readonly TimeSpan SettlingDeadline = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _data;
    private readonly ServerProcess _process;

    private FuzzedServer(TemporaryFolder data, ServerProcess process, Uri url)
    {
        (_data, _process, Url) = (data, process, url);
        Api = new Api(url);
    }

    public Uri Url { get; }

    public Api Api { get; }

    public string Log => _process.Output;

    /// <summary>Its resident memory, in bytes.</summary>
    public long Memory
    {
        get
        {
            using var process = Process.GetProcessById(_process.Id);
            return process.WorkingSet64;
        }
    }

    /// <summary>How many sockets it has open, those included that it listens on.</summary>
    public int Sockets => Directory.EnumerateFiles($"/proc/{_process.Id}/fd")
        .Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    public static async Task<FuzzedServer> StartAsync()
    {
        var data = new TemporaryFolder();
        // Tidy from the beginning, so that memory that grows is memory that is held.
        var environment = new Dictionary<string, string> { ["DOTNET_gcServer"] = "0", ["DOTNET_GCgen0size"] = "1000000" };
        var process = ServerProcess.Start(
            data.Path, environment, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", data.Path,
            "--Accounts:BcryptCost", "4", "--Limits:Enabled", "false");
        return new FuzzedServer(data, process, new Uri(await process.UrlAsync()));
    }

    /// <summary>Completes when it has no more sockets open than this, and the one that is asked through.</summary>
    public async Task WhenSocketsAreBackAsync(int before)
    {
        var clock = Stopwatch.StartNew();
        using var http = new HttpClient { BaseAddress = Url };
        while (Sockets > before + 1)
        {
            Assert.True(clock.Elapsed < SettlingDeadline, $"{before} sockets before, {Sockets} after");
            // Something to wait for, which the server has to do too.
            await http.GetAsync("/api/tasks");
        }
    }

    /// <summary>Requires that the log has no unexpected error.</summary>
    public void RequireQuietLog()
    {
        var wrong = Log.Split('\n').Where(line => Alarm().IsMatch(line)).Take(5).ToArray();
        Assert.True(wrong.Length == 0, $"In the log: {string.Join('\n', wrong)}");
    }

    /// <summary>Stops it as an operator does, and requires that it ends well.</summary>
    public async Task StopAsync()
    {
        var (exitCode, errors) = await _process.TerminateAsync();
        Assert.Equal((0, ""), (exitCode, errors));
        RequireQuietLog();
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
        _data.Dispose();
    }

    [GeneratedRegex(@"^\S* ?(fail|crit):|Unhandled|unhandled|   at ")]
    private static partial Regex Alarm();
}
