namespace Chasqui.Server.Storage;

/// <summary>Opens storage before the server listens, and closes it after the last connection has gone.</summary>
internal sealed class StorageStartup(IDatabase database, WriteQueue writes) : IHostedLifecycleService, IDisposable
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Open(attachToRunningServer: false);
        return Task.CompletedTask;
    }

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await writes.StopAsync();
        database.Close();
    }

    public void Dispose() => database.Close();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Opens the database of a server for a command, whether that server is running or not.</summary>
    /// <returns>To be disposed of when the command has done its work.</returns>
    /// <exception cref="Configuration.StartupException">There is none, or it is of another version than the command.</exception>
    public IAsyncDisposable AttachToRunningServer()
    {
        Open(attachToRunningServer: true);
        return new Opened(writes);
    }

    private void Open(bool attachToRunningServer)
    {
        database.Open(attachToRunningServer);
        writes.Start(attachToRunningServer);
    }

    private sealed class Opened(WriteQueue writes) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await writes.StopAsync();
    }
}
