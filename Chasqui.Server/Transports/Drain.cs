using Chasqui.Server.Delivery;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Transports;

/// <summary>
/// Stops the server in order: it reports that it is not ready; after the delay that proxies need to notice, it refuses new
/// connections, sends <c>Closing</c>, commits and acknowledges what is queued, and closes every connection with 1001.
/// </summary>
internal sealed class Drain(
    ConnectionRegistry connections,
    ChatLifetimeManager live,
    WriteQueue writes,
    Writer writer,
    IHostApplicationLifetime lifetime,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ILogger<Drain> logger) : IHostedService
{
    /// <summary>A restart takes about that long.</summary>
    private const int RetryAfterMs = 1_000;

    /// <summary>After the delay. The host's own (<c>ChatServer.ShutdownTimeout</c>) runs from the same moment.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>How long the last commit may take; another process may hold a lock on the database.</summary>
    private static readonly TimeSpan WritingTimeout = TimeSpan.FromSeconds(1.5);

    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1; // One for the server itself, taken back when it drains.
    private volatile bool _begun;
    private volatile bool _draining;

    /// <summary>Whether the server has been told to stop; during the delay it still serves.</summary>
    public bool HasBegun => _begun;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        StopOrder.BeforeSignalR(lifetime, RunAsync, options.Value.DrainDelay + Timeout);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Counts a connection for as long as it lasts.</summary>
    /// <returns><see langword="false"/> when the server is stopping and takes no more.</returns>
    public async ValueTask<bool> TryServeAsync(HttpContext http, RequestDelegate serve)
    {
        Interlocked.Increment(ref _open);
        try
        {
            if (_draining)
            {
                return false;
            }

            await serve(http);
            return true;
        }
        finally
        {
            ConnectionOver.WhenOver(http, Release);
        }
    }

    private async Task RunAsync()
    {
        _begun = true;
        await NoticedAsync();
        _draining = true;
        await live.SendGroupAsync(GroupNames.OptedIn, nameof(IChatClient.Closing), [new Closing { RetryAfterMs = RetryAfterMs }]);
        await WrittenAsync();
        DeliveryLog.Draining(logger, connections.CloseAll(CloseReason.GoingAway));
        Release();
        await _empty.Task;
    }

    private async Task NoticedAsync()
    {
        // After a disk failure there is nothing to serve during the delay.
        if (options.Value.DrainDelay > TimeSpan.Zero && !writer.HasFailed)
        {
            DeliveryLog.NotReady(logger, options.Value.DrainDelaySeconds);
            await Task.Delay(options.Value.DrainDelay, clock);
        }
    }

    /// <summary>
    /// Messages that arrive from here on are refused; those before are stored and acknowledged when it returns.
    /// </summary>
    private async Task WrittenAsync()
    {
        try
        {
            await writes.StopAsync().WaitAsync(WritingTimeout);
        }
        catch (TimeoutException)
        {
            // The host waits for it again, after the connections are closed.
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _empty.TrySetResult();
        }
    }
}
