namespace Chasqui.Server.Cluster;

/// <summary>
/// Asks the database what this server may have missed, so that nothing depends on what Redis delivers: at once when there is a
/// doubt, and every two seconds when there is none.
/// </summary>
internal sealed class ResyncService(
    ConversationSequencers sequencers, SequencerStore store, MembershipChangeReader news, ResyncRequests resync, Peers peers, TimeProvider clock, ILogger<ResyncService> logger)
    : BackgroundService
{
    /// <summary>
    /// Whatever is lost is found within three seconds. A thousand joined conversations cost the database some 3 ms each time.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Between two rounds, however often somebody is in doubt.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    private bool _failing;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await news.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var askedAt = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await resync.WaitAsync(Peers.Beat, stoppingToken);
            peers.Watch();
            if (clock.GetElapsedTime(askedAt) >= Interval)
            {
                askedAt = clock.GetTimestamp();
                resync.Everything();
            }

            if (resync.Take() is { Any: true } questions)
            {
                await TryAskAsync(questions, stoppingToken);
                await Task.Delay(Least, stoppingToken);
            }
        }
    }

    private async Task TryAskAsync(ResyncScope questions, CancellationToken stoppingToken)
    {
        try
        {
            await AskAsync(questions, stoppingToken);
            _failing = false;
        }
#pragma warning disable CA1031 // Whatever the database's answer is, it is asked again in the next round; without this, gaps would stay.
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (!_failing)
            {
                _failing = true;
                BackplaneLog.CannotRead(logger, e.Message);
            }
        }
    }

    private async Task AskAsync(ResyncScope questions, CancellationToken stoppingToken)
    {
        if (questions.Everything)
        {
            foreach (var (conversation, position) in await store.PositionsAsync(sequencers.Conversations(), stoppingToken))
            {
                sequencers.Find(conversation)?.OnPosition(position);
            }
        }

        if (questions.Members)
        {
            await news.ReadAsync(stoppingToken);
        }
    }
}
