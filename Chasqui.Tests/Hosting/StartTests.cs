using System.Text.RegularExpressions;
using Chasqui.Server.Hosting;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

public sealed partial class StartTests
{
    [Fact]
    public async Task OneLineSaysWhereTheServerListensWhereItsDataIsAndWhereItsDocsAre()
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Path, "not", "there", "yet");
        await using var server = ServerProcess.Start(
            folder.Path, null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", data);
        var line = await server.StartupLineAsync();
        var url = Address().Match(line).Value;

        Assert.Contains(data, line, StringComparison.Ordinal);
        Assert.Contains(url + "/docs", line, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(data, Database.FileName)));
        await (await TasksAsync(url)).ReadProblemAsync(401, "unauthorized");
        Assert.Equal(line, server.Output.Trim());
    }

    [Fact]
    public async Task NothingIsWrittenBesideTheDataFolderEvenAtAUsersFirstStart()
    {
        using var home = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["HOME"] = home.Path };
        await using var server = ServerProcess.Start(folder.Path, environment, "--urls", "http://127.0.0.1:0");
        var line = await server.StartupLineAsync();

        Assert.Equal(line, server.Output.Trim());
        Assert.Empty(Directory.GetFileSystemEntries(home.Path));
        Assert.Equal([Path.Combine(folder.Path, "data")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task TheDataFolderIsDataUnlessConfigured()
    {
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(folder.Path, null, "--urls", "http://127.0.0.1:0");

        Assert.Contains(Path.Combine(folder.Path, "data"), await server.StartupLineAsync(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder.Path, "data", Database.FileName)));
    }

    [Fact]
    public async Task TheEnvironmentSaysWhereToListenAndTheCommandLineOverridesIt()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["ASPNETCORE_URLS"] = "http://127.0.0.2:0" };
        await using var configured = ServerProcess.Start(folder.Path, environment);
        await using var overridden = ServerProcess.Start(folder.Path, environment, "--urls", "http://127.0.0.3:0", "--Storage:DataFolder", "other");

        Assert.StartsWith("http://127.0.0.2:", Address().Match(await configured.StartupLineAsync()).Value, StringComparison.Ordinal);
        Assert.StartsWith("http://127.0.0.3:", Address().Match(await overridden.StartupLineAsync()).Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutASettingTheServerListensOnPort8080OfLocalhost()
    {
        using var folder = new TemporaryFolder();
        // Built and not started: another program may have the port.
        await using var app = ChatServer.Build(["--Storage:DataFolder", folder.Path]);
        Assert.Equal("http://localhost:8080", app.Configuration["urls"]);
    }

    [Fact]
    public async Task ASecondServerOnTheSameDataFolderDoesNotStart()
    {
        using var data = new TemporaryFolder();
        await using var first = ServerProcess.Start(data.Path, null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", data.Path);
        await first.StartupLineAsync();

        Assert.Contains("Another server uses", await ServerProcess.RefusalForNowAsync(data.Path), StringComparison.Ordinal);

        await first.KillAsync();
        await Installation.CreateAsync(data.Path);
    }

    [Fact]
    public async Task SigtermExitsWithZero()
    {
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(folder.Path, null, "--urls", "http://127.0.0.1:0");
        await server.StartupLineAsync();

        var (exitCode, errors) = await server.TerminateAsync();

        Assert.Equal(0, exitCode);
        Assert.Empty(errors);
        // The log is folded into the database: one file to copy.
        Assert.Equal([Database.FileName], Directory.GetFiles(Path.Combine(folder.Path, "data")).Select(Path.GetFileName).Order());
    }

    private static async Task<HttpResponseMessage> TasksAsync(string url)
    {
        using var http = new HttpClient();
        return await http.GetAsync(url + "/api/tasks");
    }

    [GeneratedRegex(@"http://[0-9.]+:\d+")]
    private static partial Regex Address();
}
