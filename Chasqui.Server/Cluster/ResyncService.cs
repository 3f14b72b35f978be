namespace Chasqui.Server.Cluster;

/// <summary>
/// Reads from the database what this server may have missed, so that nothing depends on Redis: at once when it is requested, and
/// at least every two seconds.
/// </summary>
internal sealed class ResyncService(
    ConversationSequencers sequencers, MembershipChanges changes, ResyncRequests requests, TimeProvider clock, ILogger<ResyncService> logger)
    : BackgroundService
{
    /// <summary>Keeps the promise of three seconds. A thousand conversations cost the database about 3 ms each time.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Between two resyncs, however many are requested.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private bool _isFailing;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await changes.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lastAll = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Interval - clock.GetElapsedTime(lastAll);
            var scope = await requests.TakeAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, stoppingToken);
            if (scope == ResyncScope.All || clock.GetElapsedTime(lastAll) >= Interval)
            {
                (scope, lastAll) = (ResyncScope.All, clock.GetTimestamp());
            }

            await ResyncAsync(scope, stoppingToken);
            await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    private async Task ResyncAsync(ResyncScope scope, CancellationToken stoppingToken)
    {
        try
        {
            if (scope.HasFlag(ResyncScope.Positions))
            {
                await sequencers.ReadPositionsAsync(stoppingToken);
            }

            if (scope.HasFlag(ResyncScope.Members))
            {
                await changes.ReadAsync(stoppingToken);
            }

            _isFailing = false;
        }
#pragma warning disable CA1031 // After any failure the next resync reads again; without this, gaps would stay.
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (!_isFailing)
            {
                _isFailing = true;
                BackplaneLog.ResyncFailed(logger, e.Message);
            }
        }
    }
}
