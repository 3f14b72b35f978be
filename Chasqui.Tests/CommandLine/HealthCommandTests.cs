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

    [Fact]
    public async Task ServerWithKestrelEndpointsIsAskedAtItsEndpoint()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string> { ["Kestrel__Endpoints__Chat__Url"] = $"http://127.0.0.1:{FreePorts.Next()}" };
        await using var server = ServerProcess.Start(folder.Path, settings);
        await server.StartupLineAsync();

        var asked = await Programs.RunAsync("dotnet", folder.Path, [Programs.ServerDll, "health"], settings);

        Assert.Equal((0, ""), (asked.ExitCode, asked.Errors));
    }

    [Fact]
    public async Task ServerOnAUnixSocketIsAsked()
    {
        using var folder = new TemporaryFolder();
        var url = $"http://unix:{folder.Path}/chat.sock";
        await using var server = ServerProcess.Start(folder.Path, environment: null, "--urls", url);
        await server.StartupLineAsync();

        Assert.Equal(0, (await AskAsync(url)).ExitCode);
    }

    [Fact]
    public async Task OtherSettingsAreReadAsByEveryCommand()
    {
        await using var server = new TestServer();
        await server.StartAsync();

        Assert.Equal(0, (await RunAsync("health", "--urls=" + server.Url, "--Storage:DataFolder", "/nowhere")).ExitCode);
        Assert.Equal(64, (await RunAsync("health", "--nonsense")).ExitCode);
        var wrong = await AskAsync("nonsense");
        Assert.Equal(78, wrong.ExitCode);
        Assert.Contains("urls must hold addresses", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("exit code", (await RunAsync("health", "--help")).Output, StringComparison.Ordinal);
    }

    private static Task<Ended> RunAsync(params string[] arguments) => Programs.RunServerAsync(Path.GetTempPath(), arguments);

    private static Task<Ended> AskAsync(string urls) => Programs.RunServerAsync(Path.GetTempPath(), "health", "--urls", urls);
}
