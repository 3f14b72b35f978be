using System.Runtime.Versioning;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

/// <summary>What a machine can lack: each gets one sentence that says what to do, and the exit code that tells whether it can pass.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class EnvironmentTests
{
    // Root may write everywhere; without this capability it is like other users.
    private static readonly string[] AsOthers = Environment.IsPrivilegedProcess
        ? ["setpriv", "--bounding-set=-dac_override,-net_bind_service", "--inh-caps=-dac_override,-net_bind_service"]
        : ["env"];

    [Theory, Needs("setpriv", "env")]
    [InlineData("", UnixFileMode.UserRead | UnixFileMode.UserExecute)]
    [InlineData(Database.FileName, UnixFileMode.None)]
    [InlineData("chasqui.lock", UnixFileMode.None)]
    public async Task DataThatTheUserMayNotWritePreventsStart(string file, UnixFileMode mode)
    {
        using var folder = new TemporaryFolder();
        var data = Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName;
        var path = Path.Combine(data, file);
        if (file != "")
        {
            await File.WriteAllTextAsync(path, "");
        }

        File.SetUnixFileMode(path, mode);
        try
        {
            Assert.Contains("chown", await RefusalAsync(78, AsOthers, data), StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory, Needs(Need.Mount)]
    [InlineData("ro", 78, "read-only")]
    [InlineData("size=16k", 69, "full")]
    public async Task DiskThatTakesNoDataPreventsStart(string options, int exitCode, string says)
    {
        using var folder = new TemporaryFolder();
        await Programs.RunAsync("mount", Path.GetTempPath(), ["-t", "tmpfs", "-o", options, "chasqui", folder.Path]);
        try
        {
            Assert.Contains(says, await RefusalAsync(exitCode, ["env"], folder.Path), StringComparison.Ordinal);
        }
        finally
        {
            await Programs.RunAsync("umount", Path.GetTempPath(), [folder.Path]);
        }
    }

    [Fact]
    public async Task RuntimeWithoutUnicodePreventsStart()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "ICU", await RefusalAsync(78, ["env", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1"], folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FewOpenFilesPreventStart()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "ulimit -n", await RefusalAsync(78, ["sh", "-c", "ulimit -n 300; exec \"$@\"", "-"], folder.Path), StringComparison.Ordinal);
    }

    [Fact, Needs("setpriv", "env")]
    public async Task PortThatTheUserMayNotTakePreventsStart()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "1024", await RefusalAsync(78, AsOthers, folder.Path, "--urls", "http://127.0.0.1:79"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerListensOnTheSocketThatACrashHasLeft()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "left.sock");
        var url = $"http://unix:{path}";
        await using (var crashed = Start(["env"], folder.Path, "--urls", url))
        {
            await crashed.StartupLineAsync();
            await crashed.KillAsync();
        }

        Assert.True(File.Exists(path));
        await using var server = Start(["env"], folder.Path, "--urls", url);
        await server.StartupLineAsync();

        // It leaves the socket of a running server alone.
        Assert.Contains(
            path, await RefusalAsync(69, ["env"], Path.Combine(folder.Path, "second"), "--urls", url), StringComparison.Ordinal);
    }

    [Fact, Needs("unshare")]
    public async Task ServerNeedsNoWatchesOfFiles()
    {
        using var folder = new TemporaryFolder();
        await using var server = Start(
            ["unshare", "--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_instances; exec \"$@\"", "-"],
            folder.Path);

        await server.StartupLineAsync();
    }

    private static ServerProcess Start(string[] under, string data, params string[] args) => ServerProcess.StartUnder(
        under, Path.GetTempPath(), null, ["--urls", "http://127.0.0.1:0", "--Storage:DataFolder", data, .. args]);

    private static async Task<string> RefusalAsync(int exitCode, string[] under, string data, params string[] args)
    {
        await using var server = Start(under, data, args);
        var (ended, errors) = await server.ExitAsync();
        Assert.True(ended == exitCode, $"Exit code {ended}: {errors}{server.Output}");
        Assert.StartsWith("Chasqui cannot start: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors + server.Output, StringComparison.Ordinal);
        return errors;
    }
}
