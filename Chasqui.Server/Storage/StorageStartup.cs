namespace Chasqui.Server.Storage;

/// <summary>Opens the database before the server listens. Closes it after the last connection has ended.</summary>
internal sealed class StorageStartup(IDatabase database, WriteQueue writes) : IHostedLifecycleService, IDisposable
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Open(attachToRunningServer: false);
        return Task.CompletedTask;
    }

    /// <summary>For a command, which stops the writes when it is done. See <see cref="IDatabase.Open"/>.</summary>
    public void Open(bool attachToRunningServer)
    {
        database.Open(attachToRunningServer);
        writes.Start(attachToRunningServer);
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
}
