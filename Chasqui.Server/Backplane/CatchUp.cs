namespace Chasqui.Server.Backplane;

/// <summary>
/// Asks the database what this server may have missed, so that nothing depends on what Redis delivers: at once when there is a
/// doubt, and every two seconds when there is none.
/// </summary>
internal sealed class CatchUp(
    Feeds feeds, FeedStore store, MembershipNews news, Doubt doubt, Peers peers, TimeProvider clock, ILogger<CatchUp> logger)
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
            await doubt.WaitAsync(Peers.Beat, stoppingToken);
            peers.Watch();
            if (clock.GetElapsedTime(askedAt) >= Interval)
            {
                askedAt = clock.GetTimestamp();
                doubt.Everything();
            }

            if (doubt.Take() is { Any: true } questions)
            {
                await TryAskAsync(questions, stoppingToken);
                await Task.Delay(Least, stoppingToken);
            }
        }
    }

    private async Task TryAskAsync(Questions questions, CancellationToken stoppingToken)
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

    private async Task AskAsync(Questions questions, CancellationToken stoppingToken)
    {
        if (questions.Everything)
        {
            foreach (var (conversation, standing) in await store.StandingsAsync(feeds.Conversations(), stoppingToken))
            {
                feeds.Find(conversation)?.Told(standing);
            }
        }

        if (questions.Members)
        {
            await news.ReadAsync(stoppingToken);
        }
    }
}
