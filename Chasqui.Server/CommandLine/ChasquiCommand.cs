using System.CommandLine;
using System.CommandLine.Invocation;
using Chasqui.Server.Configuration;
using Chasqui.Server.Hosting;
using Chasqui.Server.Introspection;

namespace Chasqui.Server.CommandLine;

/// <summary>The command line: serve, list the protocol, or manage users, keys and data.</summary>
internal static class ChasquiCommand
{
    /// <summary>The settings of <c>--json</c>. Settings on the command line override them.</summary>
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
            // Help would hide the error message. A command with subcommands needs it.
            wrong.ShowHelp = parsed.UnmatchedTokens.Count == 0 && parsed.CommandResult.Command.Subcommands.Count > 0;
        }

        // The host handles signals, Program handles exceptions.
        var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? ExitCodes.WrongUsage : exitCode;
    }

    private static RootCommand Create(IReadOnlyList<string> arguments)
    {
        var listApi = new Option<bool>("--list-api") { Description = "Print every endpoint with its fields and responses." };
        var listWs = new Option<bool>("--list-ws") { Description = "Print every frame and event with its fields." };
        var json = new Option<bool>("--json") { Description = "Write the log as JSON, one object per line." };
        var settings = new Settings(arguments, shown: _ => true);
        var storage = new Settings(
            arguments, shown: name => name is "Storage:Provider" or "Storage:ConnectionString" or "Storage:DataFolder");
        var root = new RootCommand($"""
            Chasqui {ServerVersion.Current}, a chat server. Without a command it serves at http://localhost:8080, with its data in the
            folder 'data'.

            Settings are read from appsettings.json, the environment (Storage__DataFolder=/var/lib/chasqui/data) and the command
            line; the last one wins. Defaults are in brackets; docs/configuration.md has the limits.
            """)
        {
            listApi,
            listWs,
            json,
            UserCommands.Create(storage),
            InvitationCommands.Create(storage),
            KeyCommands.Create(storage),
            StorageCommands.Create(),
            BackupCommands.Backup(storage),
            BackupCommands.Restore(storage),
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
                return ExitCodes.Success;
            }

            ListenAddresses.RemoveLeftSockets(app.Configuration);
            await app.RunAsync();
            return Environment.ExitCode;
        });
        return root;
    }
}
