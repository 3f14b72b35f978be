namespace Chasqui.Server.Cluster;

/// <summary>
/// Reads from the database what this server may have missed, so that nothing depends on Redis: at once when it is requested, and
/// at least every two seconds. A request returns at once and takes no lock.
/// </summary>
internal sealed class ResyncService(
    ConversationSequencers sequencers, MembershipChanges changes, TimeProvider clock, ILogger<ResyncService> logger)
    : BackgroundService
{
    /// <summary>Keeps the promise of three seconds. A thousand conversations cost the database about 3 ms each time.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Between two resyncs, however many are requested.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than the database may take to commit a write after its answer was lost.</summary>
    private static readonly TimeSpan UncertainPeriod = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _requested = new(0);
    private bool _allRequested;
    private long _uncertainUntil;
    private bool _isFailing;

    /// <summary>Requests the changes of members.</summary>
    public void RequestMembers()
    {
        // Two requests at the same time may wake it twice; the second resync finds nothing.
        if (_requested.CurrentCount == 0)
        {
            _requested.Release();
        }
    }

    /// <summary>Requests the changes of members, and the positions of all conversations that were joined.</summary>
    public void RequestAll()
    {
        Volatile.Write(ref _allRequested, true);
        RequestMembers();
    }

    /// <summary>This server may have committed something that it did not publish.</summary>
    public void OnUncertainCommit()
    {
        Volatile.Write(ref _uncertainUntil, (clock.GetUtcNow() + UncertainPeriod).Ticks);
        RequestAll();
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await changes.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _requested.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lastAll = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Interval - clock.GetElapsedTime(lastAll);
            await _requested.WaitAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, stoppingToken);
            var isAll = Interlocked.Exchange(ref _allRequested, false) || clock.GetElapsedTime(lastAll) >= Interval;
            lastAll = isAll ? clock.GetTimestamp() : lastAll;
            await ResyncAsync(isAll, stoppingToken);
            await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    private async Task ResyncAsync(bool isAll, CancellationToken stoppingToken)
    {
        try
        {
            if (isAll)
            {
                await sequencers.ReadPositionsAsync(stoppingToken);
            }

            await changes.ReadAsync(withOwn: clock.GetUtcNow().Ticks < Volatile.Read(ref _uncertainUntil), stoppingToken);
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
