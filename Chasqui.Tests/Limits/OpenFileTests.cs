using System.Net;
using System.Net.Sockets;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

/// <summary>Many connections do not end a process that may open few files.</summary>
public sealed class OpenFileTests
{
    private const int Files = 600;

    [Fact, Needs("sh")]
    public async Task MoreIdleConnectionsThanTheProcessMayOpenEndNothingAndOthersAreAnswered()
    {
        using var folder = new TemporaryFolder();
        await using var server = StartWith(Files, folder.Path);
        var url = new Uri(await server.UrlAsync());
        using var http = new HttpClient { BaseAddress = url };
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                // What is too much is closed at once; those before it stay.
                idle.AddRange(await Task.WhenAll(Enumerable.Range(0, Files).Select(_ => DialAsync(url))));
                using var elsewhere = FromAddress.AnonymousFrom(url, "127.0.0.2");
                Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.GetAsync("/api/tasks")).StatusCode);
            }
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }

        Assert.Equal(0, (await server.TerminateAsync()).ExitCode);
        Assert.Contains("Limits:MaxConnections is 20000", server.Output, StringComparison.Ordinal);
        Assert.Contains("LimitNOFILE=25500", server.Output, StringComparison.Ordinal);
        Assert.Contains($"may open {Files}:", server.Output, StringComparison.Ordinal);
    }

    [Fact, Needs("sh")]
    public async Task CapacityForNoConnectionIsRefused()
    {
        using var folder = new TemporaryFolder();
        await using var server = StartWith(599, folder.Path);

        var (exitCode, errors) = await server.ExitAsync();

        Assert.Equal(78, exitCode);
        Assert.StartsWith("Chasqui cannot start: this process may open 599 files at once, and needs 600", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static ServerProcess StartWith(int files, string folder) => ServerProcess.StartUnder(
        ["sh", "-c", $"ulimit -n {files}; exec \"$@\"", "sh"], folder, environment: null, "--urls", "http://127.0.0.1:0");

    private static async Task<TcpClient> DialAsync(Uri server)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(server.Host, server.Port, deadline.Token);
        }
        catch (SocketException)
        {
            // It was one too many, and the server was faster.
        }

        return client;
    }
}
