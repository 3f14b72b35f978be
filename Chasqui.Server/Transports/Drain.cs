using System.Diagnostics;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Http;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Transports;

/// <summary>
/// Ends the connections when the server stops: it is not ready any more, and after the delay that proxies need to see it there
/// are no new ones, what is queued is committed and acknowledged, everybody is told, and every socket gets a proper close.
/// </summary>
internal sealed class Drain(
    ConnectionRegistry connections,
    IHubContext<ChatHub, IChatClient> hub,
    WriteQueue writes,
    Writer writer,
    InFlightFrames frames,
    IHostApplicationLifetime lifetime,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ILogger<Drain> logger) : IHostedService
{
    /// <summary>When clients are asked to come back: a restart takes about that long.</summary>
    private const int RetryAfterMs = 1_000;

    /// <summary>After the delay. The host's own (<c>ChatServer.ShutdownTimeout</c>) runs from the same moment.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>How long writing may take: behind another process's lock it is longer than clients should wait for their close.</summary>
    private static readonly TimeSpan WritingTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>How long answers may take that are due; clients that go on sending are refused, and keep nobody.</summary>
    private static readonly TimeSpan AnswersTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>Longer than it takes from the end of a hub method to its answer in the connection's output.</summary>
    private static readonly TimeSpan AnswerWriting = TimeSpan.FromMilliseconds(10);

    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1; // One for the server itself, taken back when it drains.
    private volatile bool _begun;
    private volatile bool _draining;

    /// <summary>Whether the server is stopping, although it may still serve everybody.</summary>
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
        await hub.Clients.Group(GroupNames.OptedIn).Closing(new Closing { RetryAfterMs = RetryAfterMs });
        await WrittenAsync();
        await AnsweredAsync();
        DeliveryLog.Draining(logger, connections.CloseAll(CloseReason.GoingAway));
        Release();
        await _empty.Task;
    }

    private async Task NoticedAsync()
    {
        // On a failed disk it serves nobody.
        if (options.Value.DrainDelay > TimeSpan.Zero && !writer.HasFailed)
        {
            DeliveryLog.NotReady(logger, options.Value.DrainDelaySeconds);
            await Task.Delay(options.Value.DrainDelay, clock);
        }
    }

    /// <summary>From here on a message is refused: none is stored whose sender does not hear of it.</summary>
    private async Task WrittenAsync()
    {
        try
        {
            await writes.StopAsync().WaitAsync(WritingTimeout);
        }
        catch (TimeoutException)
        {
            // The host waits for it once more, after the connections.
        }
    }

    private async Task AnsweredAsync()
    {
        var started = Stopwatch.GetTimestamp();
        do
        {
            await Task.Delay(AnswerWriting);
        }
        while (frames.Any && Stopwatch.GetElapsedTime(started) < AnswersTimeout);
        await Task.Delay(AnswerWriting);
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _empty.TrySetResult();
        }
    }
}
