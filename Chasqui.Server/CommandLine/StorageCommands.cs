using System.CommandLine;
using Chasqui.Server.Configuration;
using Chasqui.Server.Introspection;
using Chasqui.Server.Storage;
using Chasqui.Server.Storage.Copying;
using Chasqui.Server.Storage.Postgres;

namespace Chasqui.Server.CommandLine;

/// <summary><c>storage copy</c>: from SQLite to PostgreSQL.</summary>
internal static class StorageCommands
{
    private const string Sqlite = "sqlite:";
    private const string Postgres = "postgres:";

    public static Command Create() => new("storage", "Move the database.") { Copy() };

    private static Command Copy()
    {
        var from = Place("--from", Sqlite, "The server's data folder, or a database file. No server may use it. It is not changed.");
        var to = Place("--to", Postgres, "The connection string of an empty PostgreSQL database. Other users of this machine can read "
            + "it: give the password in PGPASSWORD, or in a file that PGPASSFILE names.");
        return new Command("copy", """
            Copy everything from SQLite to PostgreSQL. It can be stopped at any time; run again, it continues. At the end both
            databases are read again and compared.
            """)
        {
            from,
            to,
        }.WithAction((parsed, _) => CommandActions.CancelOnSignalAsync(cancellationToken => CopyAsync(
            parsed, parsed.GetRequiredValue(from)[Sqlite.Length..], parsed.GetRequiredValue(to)[Postgres.Length..], cancellationToken)));
    }

    private static Option<string> Place(string name, string kind, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = kind + "…", Required = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { } value }] && !(value.StartsWith(kind, StringComparison.Ordinal) && value.Length > kind.Length))
            {
                result.AddError($"{name} must begin with '{kind}'.");
            }
        });
        return option;
    }

    private static async Task<int> CopyAsync(ParseResult parsed, string from, string to, CancellationToken cancellationToken)
    {
        try
        {
            using var source = new CopySource(from);
            var database = new PostgresDatabase(Options.Create(new StorageOptions { ConnectionString = to }), new ServerInstance());
            using var target = new CopyTarget(database);
            var tables = await new StorageCopy(source, target, parsed.Progress()).RunAsync(cancellationToken);
            new ListingPage(parsed.InvocationConfiguration.Output).Table(0, [
                ["table", "rows", "SHA-256, equal in both databases"],
                .. tables.Select(table => new[] { table.Table, table.Rows.ToString(CultureInfo.InvariantCulture), table.Checksum }),
            ]);
            parsed.Print("Everything is copied and verified. The source was not changed: do not start a server with it again.");
            return ExitCodes.Success;
        }
        catch (DbException e)
        {
            // A cancelled statement ends with an error of the database.
            throw cancellationToken.IsCancellationRequested
                ? new OperationCanceledException(cancellationToken)
                : new CommandException($"The copy failed: {e.Message} Run the same command again.", ExitCodes.StorageFailed);
        }
    }
}
