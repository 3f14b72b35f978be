using System.CommandLine;
using Chasqui.Server.Configuration;
using Chasqui.Server.Storage;
using Chasqui.Server.Storage.Sqlite;

namespace Chasqui.Server.CommandLine;

/// <summary><c>backup</c> and <c>restore</c>: the whole database as one file.</summary>
internal static class BackupCommands
{
    public static Command Backup(Settings settings)
    {
        var file = FileArgument("The file to create. It must not exist.");
        return new Command("backup", """
            Copy the database into one file, while the server runs or without it. The file holds everything that was acknowledged
            before the command began. It is checked before it gets its name. It holds password hashes and keys: keep it safe.
            """)
        {
            file,
        }.WithServices(settings, (parsed, services, _) =>
        {
            var database = FileOf(services, instead: "Use pg_dump.");
            DataFolder.RequireDatabase(database);
            return CopyAsync(parsed, database, Path.GetFullPath(parsed.GetRequiredValue(file)));
        });
    }

    public static Command Restore(Settings settings)
    {
        var file = FileArgument("A file that 'backup' created. It is not changed.");
        return new Command("restore", """
            Copy a backup into a data folder that has no database. The server must not run. Run it as the server's user.
            Tokens that ended after the backup are valid again: 'keys rotate --end-all' ends all tokens.
            """)
        {
            file,
        }.WithServices(settings, async (parsed, services, _) =>
        {
            var database = FileOf(services, instead: "Use pg_restore, and run 'DELETE FROM epoch' before a server starts.");
            var backup = Path.GetFullPath(parsed.GetRequiredValue(file));
            if (!File.Exists(backup))
            {
                throw new CommandException($"There is no file '{backup}'.");
            }

            var storage = services.GetRequiredService<IOptions<StorageOptions>>().Value;
            DataFolder.Create(storage.FullDataFolder);
            using var folderLock = DataFolder.TryLock(storage.LockFile)
                ?? throw new CommandException($"A server uses '{storage.FullDataFolder}': stop it first.");
            return await CopyAsync(parsed, backup, database, isRestore: true);
        });
    }

    private static Argument<string> FileArgument(string description)
    {
        var file = new Argument<string>("file") { Description = description };
        file.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("The name of the file is empty.");
            }
        });
        return file;
    }

    private static string FileOf(IServiceProvider services, string instead) =>
        services.GetRequiredService<IDatabase>().DatabaseFile
        ?? throw new CommandException($"This server uses PostgreSQL. {instead}");

    private static Task<int> CopyAsync(ParseResult parsed, string from, string to, bool isRestore = false) =>
        CommandActions.CancelOnSignalAsync(cancellationToken =>
        {
            var copy = new DatabaseBackup(from, to) { Progress = parsed.Progress(), IsRestore = isRestore }.Make(cancellationToken);
            parsed.Print(string.Create(
                CultureInfo.InvariantCulture, $"'{to}' is complete and checked: {copy.Messages} messages, {copy.Bytes} bytes."));
            return Task.FromResult(ExitCodes.Success);
        });
}
