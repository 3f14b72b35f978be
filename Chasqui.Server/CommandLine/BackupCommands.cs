using System.CommandLine;
using System.Globalization;
using Chasqui.Server.Configuration;
using Chasqui.Server.Storage;
using Chasqui.Server.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.CommandLine;

/// <summary><c>backup</c> and <c>restore</c>: everything that a server keeps, as one file.</summary>
internal static class BackupCommands
{
    public static Command Backup(Settings settings)
    {
        var file = FileArgument("The file to make. It must not be there.");
        return new Command("backup", """
            Copy everything that the server keeps into one file, while it runs or without one. What was acknowledged before the
            command began is in it. It is checked before it gets its name, and holds passwords' hashes and keys: guard it.
            """)
        {
            file,
        }.DoesUnopened(settings, (parsed, services, _) =>
        {
            var storage = StorageOf(services, instead: "Back it up with PostgreSQL's own pg_dump.");
            DataFolder.RequireDatabase(storage.DatabaseFile);
            return Task.FromResult(Run(parsed, storage.DatabaseFile, Path.GetFullPath(parsed.GetRequiredValue(file))));
        });
    }

    public static Command Restore(Settings settings)
    {
        var file = FileArgument("What 'backup' has made. It is left as it is.");
        return new Command("restore", """
            Put a backup into a data folder in which there is no database, for a server that does not run. Run it as the server's user.
            Tokens that were ended after the backup was made are good again: 'keys rotate --end-all' ends them all.
            """)
        {
            file,
        }.DoesUnopened(settings, (parsed, services, _) =>
        {
            var storage = StorageOf(services, instead: "Restore it with PostgreSQL's own pg_restore, and run 'DELETE FROM epoch' before a server starts.");
            var backup = Path.GetFullPath(parsed.GetRequiredValue(file));
            if (!File.Exists(backup))
            {
                throw new CommandException($"There is no file '{backup}'.");
            }

            DataFolder.Create(storage.FullDataFolder);
            using var held = DataFolder.TryLock(storage.LockFile, out var reason)
                ?? throw new CommandException($"The folder '{storage.FullDataFolder}' cannot be locked; does a server use it? {reason}");
            return Task.FromResult(Run(parsed, backup, storage.DatabaseFile, BeginAnew));
        });
    }

    private static Argument<string> FileArgument(string description)
    {
        var file = new Argument<string>("file") { Description = description };
        file.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("The file's name is empty.");
            }
        });
        return file;
    }

    private static StorageOptions StorageOf(IServiceProvider services, string instead)
    {
        var storage = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        return storage.IsPostgres ? throw new CommandException($"This server keeps everything in PostgreSQL. {instead}") : storage;
    }

    /// <summary>What was acknowledged after the backup is gone, and clients have to be able to see that.</summary>
    private static void BeginAnew(SqliteConnection copy)
    {
        SqliteDatabase.Migrations.RequireServable(copy);
        Epoch.End(copy);
    }

    private static int Run(ParseResult parsed, string from, string to, Action<SqliteConnection>? finish = null)
    {
        using var signals = new StopSignals();
        var progress = new ProgressOutput(parsed.InvocationConfiguration.Error, overwrites: !Console.IsErrorRedirected);
        try
        {
            var done = new DatabaseBackup(from, to) { Progress = progress.Show, Finish = finish ?? (static _ => { }) }.Make(signals.Token);
            parsed.Say(string.Create(CultureInfo.InvariantCulture, $"'{to}' is made and checked: {done.Messages} messages, {done.Bytes} bytes."));
            return ExitCodes.Done;
        }
        catch (OperationCanceledException)
        {
            parsed.Complain("Stopped; nothing was made.");
            return ExitCodes.Stopped;
        }
        catch (AlreadyThereException e)
        {
            throw new CommandException(e.Message);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            parsed.Complain(e.Message);
            return ExitCodes.StorageFailed;
        }
    }
}
