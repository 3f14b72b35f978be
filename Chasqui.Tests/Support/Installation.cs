namespace Chasqui.Tests.Support;

/// <summary>A data folder as a server leaves it behind.</summary>
public static class Installation
{
    public static async Task CreateAsync(string dataFolder)
    {
        await using var server = ServerProcess.Start(dataFolder, null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", dataFolder);
        await server.StartupLineAsync();
        Assert.Equal(0, (await server.TerminateAsync()).ExitCode);
    }

    /// <summary>As after a crash: what was written last is in the write-ahead log alone.</summary>
    public static async Task CreateAndCrashAsync(string dataFolder)
    {
        await using var server = ServerProcess.Start(dataFolder, null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", dataFolder);
        await server.StartupLineAsync();
        await server.KillAsync();
    }
}
