using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>Nothing is overwritten.</summary>
internal sealed class AlreadyThereException(string message) : IOException(message);

/// <summary>What a backup holds.</summary>
internal sealed record BackedUp(long Messages, long Bytes);

/// <summary>
/// Copies a database into another file, whole and as it was at one moment, whatever is written meanwhile: a backup, and what
/// comes back from one. The copy has its name only once it has been read through and is on the disk.
/// </summary>
/// <param name="source">The file that is read. Nothing in it is changed.</param>
/// <param name="target">The file that is made. It must not be there.</param>
internal sealed class DatabaseBackup(string source, string target)
{
    /// <summary>Some megabytes.</summary>
    private const int PagesAtOnce = 1024;

    private readonly string _partial = $"{target}.{Path.GetRandomFileName()}.partial";

    /// <summary>Called as the copying goes on, with how much of it is done, from 0 to 1.</summary>
    public Action<double> Progress { get; init; } = static _ => { };

    /// <summary>Called with the copy before it gets its name: what it throws keeps it from getting it.</summary>
    public Action<SqliteConnection> Finish { get; init; } = static _ => { };

    /// <exception cref="AlreadyThereException">There is something by its name.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="InvalidDataException">What is to be copied is damaged, or no database of a server.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public BackedUp Make(CancellationToken cancellationToken)
    {
        RequireNone(target);
        Begin();
        try
        {
            var messages = Copy(cancellationToken);
            Verify(messages, cancellationToken);
            DurableFile.MoveIntoPlace(_partial, target);
            return new BackedUp(messages, new FileInfo(target).Length);
        }
        catch (SqliteException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (SqliteException e) when (StorageFault.Of(e) == StorageFault.Untrusted)
        {
            throw new InvalidDataException($"'{source}' is damaged, or no database ({e.Message}).", e);
        }
        catch (SqliteException e)
        {
            throw new IOException($"'{source}' cannot be copied to '{target}': {e.Message}", e);
        }
        finally
        {
            foreach (var file in DatabaseFiles(_partial))
            {
                File.Delete(file);
            }
        }
    }

    /// <exception cref="AlreadyThereException">It is there, or a part of one, which SQLite would take for a part of the new one.</exception>
    private static void RequireNone(string file)
    {
        if (DatabaseFiles(file).FirstOrDefault(Path.Exists) is { } found)
        {
            throw new AlreadyThereException($"'{found}' is there already, and is not overwritten.");
        }
    }

    private static string[] DatabaseFiles(string file) => [file, file + "-wal", file + "-shm", file + "-journal"];

    private void Begin()
    {
        try
        {
            FilePermissions.Create(_partial).Dispose();
        }
        catch (DirectoryNotFoundException e)
        {
            throw new IOException($"'{target}' cannot be made: there is no such folder.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"'{target}' cannot be made: {e.Message}", e);
        }
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <returns>How many messages there are.</returns>
    private long Copy(CancellationToken cancellationToken)
    {
        using var from = Open(source, SqliteOpenMode.ReadOnly);
        using var interruption = cancellationToken.Register(() => raw.sqlite3_interrupt(from.Handle));
        // A transaction of our own: without one SQLite would begin the copy again whenever somebody else commits.
        from.Execute("BEGIN DEFERRED");
        if (from.ExecuteScalar<long>("SELECT count(*) FROM sqlite_schema WHERE name IN ('schema_migrations', 'messages')") < 2)
        {
            throw new InvalidDataException($"'{source}' is no database of this server.");
        }

        var messages = from.ExecuteScalar<long>("SELECT count(*) FROM messages");
        using var to = Open(_partial, SqliteOpenMode.ReadWrite);
        // It is thrown away unless all of it succeeds, and brought to the disk as a whole.
        to.Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
        using var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main");
        if (backup.IsInvalid)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(to.Handle), to.Handle);
        }

        int result;
        while ((result = raw.sqlite3_backup_step(backup, PagesAtOnce)) == raw.SQLITE_OK)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Progress(1 - ((double)raw.sqlite3_backup_remaining(backup) / raw.sqlite3_backup_pagecount(backup)));
        }

        if (result != raw.SQLITE_DONE)
        {
            throw new SqliteException(raw.sqlite3_errstr(result).utf8_to_string(), result);
        }

        Progress(1);
        return messages;
    }

    /// <exception cref="InvalidDataException">The copy is not what it should be.</exception>
    private void Verify(long messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var copy = Open(_partial, SqliteOpenMode.ReadWrite);
        using var interruption = cancellationToken.Register(() => raw.sqlite3_interrupt(copy.Handle));
        // One file, which can also be read where nothing may be written.
        copy.Execute("PRAGMA journal_mode = DELETE");
        if (copy.ExecuteScalar<string>("PRAGMA integrity_check(1)") is var verdict and not "ok")
        {
            throw new InvalidDataException($"'{source}' is damaged ({verdict}).");
        }

        if (copy.ExecuteScalar<long>("SELECT count(*) FROM messages") is var copied && copied != messages)
        {
            throw new InvalidDataException($"The copy of '{source}' has {copied} messages instead of {messages}.");
        }

        Finish(copy);
    }
}
