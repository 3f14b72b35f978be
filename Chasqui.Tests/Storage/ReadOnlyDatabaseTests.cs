using System.Runtime.Versioning;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Storage;

[UnsupportedOSPlatform("windows")]
public sealed class ReadOnlyDatabaseTests
{
    // To root, who may write everywhere, nothing is read-only; without this capability root is like others.
    private static readonly string[] AsOthers = Environment.IsPrivilegedProcess
        ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", "dotnet"]
        : ["env", "dotnet"];

    [Fact, Needs("setpriv", "env")]
    public async Task ReadOnlyDatabasePreventsStartAndIsNamed()
    {
        using var folder = new TemporaryFolder();
        await using (var server = ServerProcess.Start(
            folder.Path, null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", folder.Path))
        {
            await server.StartupLineAsync();
            // A crash leaves the write-ahead log behind, with which SQLite opens the file for reading.
            await server.KillAsync();
        }

        foreach (var file in Directory.GetFiles(folder.Path, Database.FileName + "*"))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        }

        var ended = await Programs.RunAsync(
            AsOthers[0], folder.Path,
            [.. AsOthers[1..], Programs.ServerDll, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", folder.Path]);

        Assert.Equal(78, ended.ExitCode);
        Assert.Contains(Path.Combine(folder.Path, Database.FileName), ended.Errors, StringComparison.Ordinal);
    }
}
