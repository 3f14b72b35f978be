using System.Runtime.Versioning;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Storage;

/// <summary>What other users of the machine may do with a server's data.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileModeTests
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;
    private const UnixFileMode OpenFile = OwnersFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OpenFolder = OpenFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] WhileRunning = [Database.FileName, "chasqui.db-shm", "chasqui.db-wal", "chasqui.lock"];

    [Theory]
    [InlineData("022")]
    [InlineData("000")]
    public async Task ServerFilesAreReadableByItsUserOnly(string umask)
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Path, "var", "data");
        await using var server = ServerProcess.StartUnder(
            ["sh", "-c", $"umask {umask}; exec \"$0\" \"$@\""], folder.Path, null, Settings(data));
        var line = await server.StartupLineAsync();

        Assert.Equal(OwnersFolder, File.GetUnixFileMode(data));
        AssertOwners(data);
        Assert.Equal(line, server.Output.Trim());
    }

    [Fact]
    public async Task OpenFileModesAreRestrictedAtNextStart()
    {
        using var data = new TemporaryFolder();
        await Installation.CreateAndCrashAsync(data.Path);
        foreach (var file in Directory.GetFiles(data.Path))
        {
            File.SetUnixFileMode(file, OpenFile);
        }

        await using var server = ServerProcess.Start(data.Path, null, Settings(data.Path));
        await server.StartupLineAsync();

        AssertOwners(data.Path);
    }

    [Fact]
    public async Task ForeignOpenFolderIsNotChangedAndIsLogged()
    {
        using var data = new TemporaryFolder();
        File.SetUnixFileMode(data.Path, OpenFolder);
        var notes = Path.Combine(data.Path, "notes.txt");
        await File.WriteAllTextAsync(notes, "Not the server's");
        File.SetUnixFileMode(notes, OpenFile);

        await using var server = ServerProcess.Start(data.Path, null, Settings(data.Path));
        await server.StartupLineAsync();

        Assert.Equal(OpenFolder, File.GetUnixFileMode(data.Path));
        Assert.Equal(OpenFile, File.GetUnixFileMode(notes));
        var warning = Assert.Single(server.Output.Split('\n'), line => line.Contains("warn:", StringComparison.Ordinal));
        Assert.Contains($"{data.Path} is open to other users", warning, StringComparison.Ordinal);
        Assert.Contains("mode 755", warning, StringComparison.Ordinal);
        File.Delete(notes);
        AssertOwners(data.Path);
    }

    [Fact, Needs(Need.Root, "setpriv", "chown")]
    public async Task FileWhoseModeCannotBeChangedIsNamedAndServerStarts()
    {
        using var data = new TemporaryFolder();
        await Installation.CreateAsync(data.Path);
        var database = Path.Combine(data.Path, Database.FileName);
        Assert.Equal(0, (await Programs.RunAsync("chown", data.Path, ["nobody", database])).ExitCode);
        File.SetUnixFileMode(database, OpenFile);

        // Root may change the mode of all files. Without this capability it may not.
        await using var server = ServerProcess.StartUnder(["setpriv", "--bounding-set=-fowner"], data.Path, null, Settings(data.Path));
        await server.StartupLineAsync();

        Assert.Equal(OpenFile, File.GetUnixFileMode(database));
        Assert.Contains($"{database} is open to other users", server.Output, StringComparison.Ordinal);
    }

    private static string[] Settings(string data) => ["--urls", "http://127.0.0.1:0", "--Storage:DataFolder", data];

    private static void AssertOwners(string data)
    {
        var files = Directory.GetFiles(data).Order().ToArray();
        Assert.Equal(WhileRunning, files.Select(Path.GetFileName));
        Assert.All(files, file => Assert.True(File.GetUnixFileMode(file) == OwnersFile, $"{file}: {File.GetUnixFileMode(file)}"));
    }
}
