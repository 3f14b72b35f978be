using Chasqui.Server.Hosting;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Storage;

/// <summary>Opens storage before the server listens, and closes it after the last connection has gone.</summary>
internal sealed class StorageStartup(
    SqliteDatabase database, WriteQueue writes, IOptions<StorageOptions> options, ILogger<StorageStartup> logger)
    : IHostedLifecycleService, IDisposable
{
    /// <summary>A file up to this size is checked through at every start; that takes a fraction of a second.</summary>
    private const long LargestCheckedFile = 64L * 1024 * 1024;

    private IDisposable? _lock;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Open();
        return Task.CompletedTask;
    }

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await writes.StopAsync();
        _lock?.Dispose();
    }

    public void Dispose() => _lock?.Dispose();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Opens the database of a server for a command, whether that server is running or not.</summary>
    /// <returns>To be disposed of when the command has done its work.</returns>
    /// <exception cref="StartupException">There is none, or it is of another version than the command.</exception>
    public IAsyncDisposable OpenBeside()
    {
        if (!File.Exists(options.Value.DatabaseFile))
        {
            throw new StartupException(
                $"There is no database '{options.Value.DatabaseFile}'. Name the server's folder with --Storage:DataFolder.");
        }

        Open(beside: true);
        return new Opened(writes);
    }

    private void Open(bool beside = false)
    {
        var file = options.Value.DatabaseFile;
        try
        {
            var folder = options.Value.FullDataFolder;
            DataFolder.Create(folder);
            _lock = DataFolder.TryLock(options.Value.LockFile, out var reason);
            if (_lock is not null)
            {
                OwnerOnly.Check(folder, logger);
                OwnerOnly.Close(options.Value.Files, logger);
                DataFolder.CreateDatabase(file);
            }
            else if (!beside)
            {
                throw new StartupException($"Storage:DataFolder '{folder}' cannot be locked; does another server use it? {reason}");
            }

            Check(file);
            using var connection = database.OpenWriter();
            if (_lock is not null)
            {
                Migrations.Apply(connection);
            }
            else if (!Migrations.AreApplied(connection))
            {
                throw new StartupException("The server that is running is of another version than this command: use its own.");
            }

            if (beside)
            {
                // A server may start while the command is at work; SQLite folds the log in when the last of them closes.
                _lock?.Dispose();
            }

            writes.Start(folds: !beside);
        }
        catch (SqliteException e) when (StorageFault.Of(e) == StorageFault.Untrusted)
        {
            throw Damaged(file, e.Message);
        }
        catch (SqliteException e) when (StorageFault.Of(e) == StorageFault.Unavailable)
        {
            throw new StartupException($"The database '{file}' cannot be opened: {e.Message}");
        }
        catch (SqliteException e)
        {
            throw new StartupException(
                $"The database '{file}' cannot be used ({e.Message}). It was left as it is: if another program made it, name "
                + "another folder in Storage:DataFolder.");
        }
    }

    /// <summary>Before anything is written, so that a damaged file stays as it is for those who mend it.</summary>
    private void Check(string file)
    {
        using var connection = database.OpenToCheck();
        if (SqliteDatabase.IsReadOnly(connection))
        {
            throw new StartupException(
                $"The database '{file}' cannot be written. Let the user that the server runs as write to it and to its folder, "
                + "or name another folder in Storage:DataFolder.");
        }

        if (new FileInfo(file).Length <= LargestCheckedFile
            && connection.ExecuteScalar<string>("PRAGMA quick_check(1)") is var verdict and not "ok")
        {
            throw Damaged(file, verdict!);
        }
    }

    private sealed class Opened(WriteQueue writes) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await writes.StopAsync();
    }

    private static StartupException Damaged(string file, string reason) => new(
        $"The database '{file}' is damaged ({reason}). It was left as it is: restore a backup, or move the file away to "
        + "start with an empty one.");
}
