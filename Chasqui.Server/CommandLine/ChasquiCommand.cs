using System.CommandLine;
using System.CommandLine.Invocation;
using Chasqui.Server.Configuration;
using Chasqui.Server.Hosting;
using Chasqui.Server.Introspection;

namespace Chasqui.Server.CommandLine;

/// <summary>What can be asked of the binary: to serve, to say what it serves, and to look after its users, keys and data.</summary>
internal static class ChasquiCommand
{
    /// <summary>What the settings have to be for it. Those that are given beside it win.</summary>
    private static readonly string[] JsonLog =
    [
        "--Logging:Console:FormatterName", "json",
        "--Logging:Console:FormatterOptions:IncludeScopes", "true",
        "--Logging:Console:FormatterOptions:TimestampFormat", "yyyy-MM-ddTHH:mm:ss.fffZ",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = Settings.Normalize(args);
        var parsed = Create(arguments).Parse(arguments);
        if (parsed.Action is ParseErrorAction wrong)
        {
            // A page of help would hide the one line that says what is wrong, unless it is itself the answer.
            wrong.ShowHelp = parsed.UnmatchedTokens.Count == 0 && parsed.CommandResult.Command.Subcommands.Count > 0;
        }

        // The host sees to signals, and Program to what goes wrong.
        var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? ExitCodes.WrongUsage : exitCode;
    }

    private static RootCommand Create(IReadOnlyList<string> arguments)
    {
        var listApi = new Option<bool>("--list-api") { Description = "Print every endpoint with its fields and answers, and do not serve." };
        var listWs = new Option<bool>("--list-ws") { Description = "Print every frame and event with its fields, and do not serve." };
        var json = new Option<bool>("--json") { Description = "Write the log as JSON, one object a line." };
        var settings = new Settings(arguments, explained: _ => true);
        var administration = Administration.SettingsOf(arguments);
        var root = new RootCommand($"""
            Chasqui {ServerVersion.Current}, a chat server. Without a command it serves: at http://localhost:8080, with its data in the
            folder 'data', until it is told to stop.

            Settings can stand in appsettings.json, in the environment (Storage__DataFolder=/var/lib/chasqui/data) and here; the last of
            these wins. Their defaults stand in brackets; docs/configuration.md has their limits.
            """)
        {
            listApi,
            listWs,
            json,
            UserCommands.Create(administration),
            KeyCommands.Create(administration),
            StorageCommands.Create(),
            BackupCommands.Backup(administration),
            BackupCommands.Restore(administration),
            HealthCommand.Create(arguments),
        };
        settings.AddTo(root);
        root.SetAction(async (parsed, _) =>
        {
            await using var app = ChatServer.Build([.. (parsed.GetValue(json) ? JsonLog : []), .. settings.Given(parsed)]);
            var (api, ws) = (parsed.GetValue(listApi), parsed.GetValue(listWs));
            if (api || ws)
            {
                Listing.Print(app, parsed.InvocationConfiguration.Output, api, ws);
                return ExitCodes.Done;
            }

            await app.RunAsync();
            return Environment.ExitCode;
        });
        return root;
    }
}
