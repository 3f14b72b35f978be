using Chasqui.Server.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace Chasqui.Server.Storage.Sqlite;

internal sealed record BackedUp(long Messages, long Bytes);

/// <summary>
/// Copies a database into a new file, as it is at one moment, while others write. Makes a backup and restores one. The copy gets
/// its name when it is checked and on disk. No file is overwritten.
/// </summary>
internal sealed class DatabaseBackup(string source, string target)
{
    /// <summary>4 MiB.</summary>
    private const int PagesPerStep = 1024;

    private readonly string _partial = $"{target}.{Path.GetRandomFileName()}.partial";

    public ProgressOutput? Progress { get; init; }

    /// <summary>
    /// Whether the copy will be served: it must be of a known version, and clients must detect that later messages are lost.
    /// </summary>
    public bool IsRestore { get; init; }

    /// <exception cref="CommandException">The copy cannot be made.</exception>
    public BackedUp Make(CancellationToken cancellationToken = default)
    {
        // A part of a database would become a part of the new one.
        if (FilesOf(target).FirstOrDefault(Path.Exists) is { } found)
        {
            throw new CommandException($"'{found}' exists already. Name another file.");
        }

        try
        {
            DataFolder.OpenFile(_partial, FileMode.CreateNew).Dispose();
            var messages = Copy(cancellationToken);
            Verify(messages, cancellationToken);
            MoveIntoPlace();
            return new BackedUp(messages, new FileInfo(target).Length);
        }
        catch (SqliteException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (SqliteException e) when (StorageFault.Of(e) == StorageFault.Untrusted)
        {
            throw Failed($"'{source}' is damaged, or not a database ({e.Message}).");
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Failed($"'{source}' cannot be copied to '{target}': {e.Message}");
        }
        finally
        {
            foreach (var file in FilesOf(_partial).Where(File.Exists))
            {
                File.Delete(file);
            }
        }
    }

    private static CommandException Failed(string message) => new(message, ExitCodes.StorageFailed);

    private static string[] FilesOf(string database) => [database, database + "-wal", database + "-shm", database + "-journal"];

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false };
        var connection = new SqliteConnection(settings.ToString());
        connection.Open();
        return connection;
    }

    private long Copy(CancellationToken cancellationToken)
    {
        using var from = Open(source, SqliteOpenMode.ReadOnly);
        using var interruption = cancellationToken.Register(() => raw.sqlite3_interrupt(from.Handle));
        // Without a transaction SQLite would restart the copy after each commit of another connection.
        from.Execute("BEGIN DEFERRED");
        if (from.ExecuteScalar<long>("SELECT count(*) FROM sqlite_schema WHERE name IN ('schema_migrations', 'messages')") < 2)
        {
            throw Failed($"'{source}' is not a Chasqui database.");
        }

        var messages = from.ExecuteScalar<long>("SELECT count(*) FROM messages");
        using var to = Open(_partial, SqliteOpenMode.ReadWrite);
        // The file is discarded after a failure, and flushed to disk as a whole.
        to.Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
        using var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main");
        if (backup.IsInvalid)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(to.Handle), to.Handle);
        }

        Progress?.Begin("copying pages", from.ExecuteScalar<long>("PRAGMA page_count"));
        int result;
        while ((result = raw.sqlite3_backup_step(backup, PagesPerStep)) == raw.SQLITE_OK)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Progress?.Report(raw.sqlite3_backup_pagecount(backup) - raw.sqlite3_backup_remaining(backup));
        }

        if (result != raw.SQLITE_DONE)
        {
            throw new SqliteException(raw.sqlite3_errstr(result).utf8_to_string(), result);
        }

        Progress?.End(raw.sqlite3_backup_pagecount(backup));
        return messages;
    }

    private void Verify(long messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var copy = Open(_partial, SqliteOpenMode.ReadWrite);
        using var interruption = cancellationToken.Register(() => raw.sqlite3_interrupt(copy.Handle));
        // A database without a write-ahead log is one file, and can be read from a read-only disk.
        copy.Execute("PRAGMA journal_mode = DELETE");
        if (copy.ExecuteScalar<string>("PRAGMA integrity_check(1)") is var verdict and not "ok")
        {
            throw Failed($"'{source}' is damaged ({verdict}).");
        }

        if (copy.ExecuteScalar<long>("SELECT count(*) FROM messages") is var copied && copied != messages)
        {
            throw Failed($"The copy of '{source}' has {copied} messages instead of {messages}.");
        }

        if (IsRestore)
        {
            // Throws for a backup that this version cannot serve. The server upgrades an older one.
            _ = SqliteDatabase.Schema.AreApplied(copy);
            Epoch.End(copy);
        }
    }

    /// <summary>After a power cut the file exists completely, or not at all.</summary>
    private void MoveIntoPlace()
    {
        using (var written = File.OpenHandle(_partial, access: FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(written);
        }

        File.Move(_partial, target, overwrite: false);
        if (!OperatingSystem.IsWindows())
        {
            // The name is stored in the folder, which .NET cannot open.
            const int ReadOnly = 0;
            var path = Path.GetDirectoryName(Path.GetFullPath(target))!;
            using var folder = OpenFolder(Encoding.UTF8.GetBytes(path + '\0'), ReadOnly);
            if (folder.IsInvalid)
            {
                throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }

            RandomAccess.FlushToDisk(folder);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern SafeFileHandle OpenFolder(byte[] path, int flags);
}
