using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.CommandLine;

public sealed class HelpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task HelpExplainsEverySettingAndTouchesNoDisk()
    {
        var ended = await Programs.RunServerAsync(_folder.Path, "--help");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        foreach (var type in typeof(AccountOptions).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IOptionsSection))))
        {
            var section = (string)type.GetProperty(nameof(IOptionsSection.Section))!.GetValue(null)!;
            Assert.All(
                type.GetProperties().Where(property => property.CanWrite),
                setting => Assert.Matches($@"--{section}:{setting.Name} <value> +\w.*\.", ended.Output));
        }

        Assert.Contains("Accounts:BcryptCost <value>", ended.Output);
        Assert.Contains("[11]", ended.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("users", "disable <user>")]
    [InlineData("keys", "rotate")]
    [InlineData("storage", "copy")]
    public async Task HelpNamesTheCommands(string group, string command)
    {
        Assert.Contains(group, (await Programs.RunServerAsync(_folder.Path, "-h")).Output);
        Assert.Contains(command, (await Programs.RunServerAsync(_folder.Path, group, "--help")).Output);
    }

    [Theory]
    [InlineData("--lst-api", "--list-api")]
    [InlineData("--Strage:DataFolder", "--Storage:DataFolder")]
    [InlineData("--Storage:Folder", "--Storage:Folder")]
    [InlineData("--Limits:Enabled:0:1", "--Limits:Enabled:0:1")]
    [InlineData("serve", "serve")]
    [InlineData("users", "command")]
    [InlineData("keys", "rotate")]
    public async Task UnknownArgumentIsRefusedAndNothingStarts(string argument, string said)
    {
        var ended = await Programs.RunServerAsync(_folder.Path, argument);

        Assert.Equal(64, ended.ExitCode);
        Assert.Contains(said, ended.Output + ended.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("mysql:data", "postgres:Host=localhost", "--from must begin with 'sqlite:'")]
    [InlineData("sqlite:data", "postgres:", "--to must begin with 'postgres:'")]
    public async Task CopyFromOrToUnknownProviderIsRefused(string from, string to, string said)
    {
        var ended = await Programs.RunServerAsync(_folder.Path, "storage", "copy", "--from", from, "--to", to);

        Assert.Equal(64, ended.ExitCode);
        Assert.Contains(said, ended.Errors);
    }

    [Theory]
    [InlineData("--Storage:DataFolder", "other")]
    [InlineData("--Storage:DataFolder=other", null)]
    [InlineData("--storage:datafolder=other", null)]
    public async Task SettingIsAcceptedInEveryForm(string first, string? second)
    {
        string[] arguments = [first, .. second is null ? Array.Empty<string>() : [second]];
        await using var server = ServerProcess.Start(
            _folder.Path, null, ["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Microsoft.AspNetCore=Error", .. arguments]);

        Assert.Contains(Path.Combine(_folder.Path, "other"), await server.StartupLineAsync(), StringComparison.Ordinal);
    }
}
