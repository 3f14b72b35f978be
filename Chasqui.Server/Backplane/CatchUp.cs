namespace Chasqui.Server.Backplane;

/// <summary>
/// Asks the database now and then what this server may have missed, so that nothing depends on what Redis delivers: once a
/// second while there is a doubt, and rarely while every server hears every other one.
/// </summary>
internal sealed class CatchUp(
    Feeds feeds, FeedStore store, MembershipNews news, Outbox outbox, Doubt doubt, Peers peers, TimeProvider clock,
    ILogger<CatchUp> logger)
    : BackgroundService
{
    private static readonly TimeSpan InDoubt = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhenSure = TimeSpan.FromSeconds(15);

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
            var isAsked = await doubt.WaitAsync(Peers.Beat, stoppingToken);
            var isDue = clock.GetElapsedTime(askedAt) >= (_failing || !peers.AllAreHeard() ? InDoubt : WhenSure);
            if (!isAsked && !isDue)
            {
                continue;
            }

            if (isDue)
            {
                askedAt = clock.GetTimestamp();
                doubt.Everything();
                doubt.Members();
            }

            await TryAskAsync(doubt.Take(), stoppingToken);
            await Task.Delay(Least, stoppingToken);
        }
    }

    private async Task TryAskAsync(Questions questions, CancellationToken stoppingToken)
    {
        try
        {
            await AskAsync(questions, stoppingToken);
            _failing = false;
        }
#pragma warning disable CA1031 // Whatever the database's answer is, it has to be asked again; without this, gaps would stay.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            if (!_failing)
            {
                _failing = true;
                BackplaneLog.CannotRead(logger, e.Message);
            }

            await Task.Delay(InDoubt, stoppingToken);
            doubt.GiveBack(questions);
        }
    }

    private async Task AskAsync(Questions questions, CancellationToken stoppingToken)
    {
        if (questions.Everything || questions.Untold.Count > 0)
        {
            var untold = questions.Untold;
            foreach (var stands in await store.StandingsAsync(
                questions.Everything ? [.. feeds.Conversations().Union(untold)] : untold, stoppingToken))
            {
                feeds.Find(stands.Conversation)?.Told(stands.Standing);
                if (untold.Contains(stands.Conversation))
                {
                    outbox.Add(stands);
                }
            }
        }

        if (questions.Members || questions.Untold.Count > 0)
        {
            await news.ReadAsync(questions.Untold, stoppingToken);
        }
    }
}
