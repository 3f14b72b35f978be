using Chasqui.Tests.Support;

namespace Chasqui.Tests.CommandLine;

public sealed class HealthCommandTests
{
    [Fact]
    public async Task ReadyServerExitsWithZeroAndPrintsHealth()
    {
        await using var server = new TestServer();
        await server.StartAsync();

        var asked = await AskAsync(server.Url);

        Assert.Equal((0, ""), (asked.ExitCode, asked.Errors));
        Assert.StartsWith("""{"status":"healthy",""", asked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerOnAllAddressesIsAskedOnLocalhost()
    {
        await using var server = new TestServer();
        await server.StartAsync("--urls", "http://*:0");

        Assert.Equal(0, (await AskAsync($"http://*:{server.Url.Split(':')[^1]}")).ExitCode);
    }

    [Fact]
    public async Task ServerThatIsNotReadyExitsWithFailureAndPrintsHealth()
    {
        await using var server = new TestServer();
        await server.StartAsync("--Storage:LockTimeoutSeconds", "1");
        await using var other = server.OpenDatabase();
        await Dapper.SqlMapper.ExecuteAsync(other, "BEGIN IMMEDIATE");

        var asked = await AskAsync(server.Url);

        Assert.Equal((1, ""), (asked.ExitCode, asked.Errors));
        Assert.StartsWith("""{"status":"unhealthy",""", asked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnreachableServerIsRefused()
    {
        var asked = await AskAsync($"http://127.0.0.1:{FreePorts.Next()}");

        Assert.Equal(1, asked.ExitCode);
        Assert.Contains("does not answer", asked.Errors);
    }

    private static Task<Ended> AskAsync(string urls) => Programs.RunServerAsync(Path.GetTempPath(), "health", "--urls", urls);
}
