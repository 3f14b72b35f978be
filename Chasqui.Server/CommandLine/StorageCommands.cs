using System.CommandLine;
using System.Data.Common;
using System.Globalization;
using Chasqui.Server.Configuration;
using Chasqui.Server.Introspection;
using Chasqui.Server.Storage;
using Chasqui.Server.Storage.Copying;
using Chasqui.Server.Storage.Postgres;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.CommandLine;

/// <summary><c>storage</c>: where everything is kept.</summary>
internal static class StorageCommands
{
    private const string Sqlite = "sqlite:";
    private const string Postgres = "postgres:";

    public static Command Create() => new("storage", "Look after where everything is kept.") { Copy() };

    private static Command Copy()
    {
        var from = Place("--from", Sqlite, "The server's data folder, or a database file. No server may run on it, and nothing in it is changed.");
        var to = Place("--to", Postgres, "The connection string of an empty PostgreSQL database. Others can read it while this runs: give the "
            + "password in PGPASSWORD or in a file that PGPASSFILE names.");
        var copy = new Command("copy", """
            Move a whole server from SQLite to PostgreSQL. It can be stopped at any moment; run again, it goes on where it was. In the
            end both sides are read once more and compared.
            """)
        {
            from,
            to,
        };
        copy.SetAction((parsed, _) => CopyAsync(
            parsed, parsed.GetRequiredValue(from)[Sqlite.Length..], parsed.GetRequiredValue(to)[Postgres.Length..]));
        return copy;
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

    private static async Task<int> CopyAsync(ParseResult parsed, string from, string to)
    {
        using var signals = new StopSignals();
        const string Again = "Run the same command again, and it goes on where it was.";
        try
        {
            var output = parsed.InvocationConfiguration;
            using var source = new CopySource(from);
            using var target = new CopyTarget(new PostgresDatabase(Options.Create(new StorageOptions { ConnectionString = to }), new ServerInstance()));
            var tables = await new StorageCopy(source, target, new CopyProgress(output.Error, !Console.IsErrorRedirected)).RunAsync(signals.Token);
            new ListingPage(output.Output).Table(0, [
                ["table", "rows", "SHA-256, the same on both sides"],
                .. tables.Select(table => new[] { table.Table, table.Rows.ToString(CultureInfo.InvariantCulture), table.Checksum }),
            ]);
            parsed.Say("Everything is copied and verified. The source was left as it is: no server should start with it again.");
            return ExitCodes.Done;
        }
        catch (StartupException e)
        {
            parsed.Complain(e.Message);
            return e.ExitCode;
        }
        catch (CopyException e)
        {
            parsed.Complain(e.Message);
            return ExitCodes.Refused;
        }
        // Stopped in the middle of a statement, the database may have had the last word.
        catch (Exception e) when (e is OperationCanceledException || (e is DbException && signals.Token.IsCancellationRequested))
        {
            parsed.Complain($"Stopped. {Again}");
            return ExitCodes.Stopped;
        }
        catch (DbException e)
        {
            parsed.Complain($"The copy has come to an early end: {e.Message} {Again}");
            return ExitCodes.StorageFailed;
        }
    }
}
