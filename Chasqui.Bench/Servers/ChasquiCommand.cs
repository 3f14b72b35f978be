namespace Chasqui.Bench.Servers;

/// <summary>How Chasqui is started: from where, and with which settings.</summary>
/// <param name="Command">The command in front of the settings.</param>
/// <param name="Settings">What differs from the defaults.</param>
internal sealed record ChasquiCommand(IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Rates off, and passwords that cost next to nothing, since a thousand people register first.</summary>
    public static IReadOnlyDictionary<string, string> ForLoad { get; } = new Dictionary<string, string>
    {
        ["Limits:Enabled"] = "false",
        ["Accounts:BcryptCost"] = "4",
    };

    /// <param name="server">A published server: its executable or its dll. Without one, the build in the folder of this program.</param>
    /// <param name="settings">What differs from the defaults.</param>
    public static ChasquiCommand For(string? server, IReadOnlyDictionary<string, string> settings)
    {
        server ??= Path.Combine(AppContext.BaseDirectory, "Chasqui.Server.dll");
        return new ChasquiCommand(server.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", server] : [server], settings);
    }

    public ServerProcess Start(string dataFolder) => ServerProcess.Start(Command, new Dictionary<string, string>(), url =>
    [
        "--urls", url.ToString(), "--Storage:DataFolder", dataFolder,
        .. Settings.SelectMany(setting => new[] { "--" + setting.Key, setting.Value }),
    ]);
}
