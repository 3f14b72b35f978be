using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Presence;

/// <summary>
/// Tells who came, went away and left: to the connections of this server, and to the other servers. It runs a few times a second
/// and does a bounded amount of work each time, so that many people who connect at once cause no storm.
/// </summary>
internal sealed partial class PresenceService(
    PresenceTable table, PresenceStore store, IEphemeralFanOut fanOut, ServerInstance server, TimeProvider clock,
    ILogger<PresenceService> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Users whose changes are told at a time.</summary>
    private const int MaxChanges = 100;

    /// <summary>Events that connections get on average; more wait, and are coalesced by user meanwhile.</summary>
    private const int EventsPerSecond = 20_000;

    /// <summary>Rows that cost as much as an event.</summary>
    private const int RowsPerEvent = 4;

    private readonly Allowance _events = new(EventsPerSecond, TimeSpan.FromSeconds(1), clock);

    // What the database did not answer for.
    private IReadOnlyList<PresenceChanged>? _untold;
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            table.Sweep();
            if (table.TakeMessage() is { } message)
            {
                fanOut.Publish(new EphemeralMessage { Server = server.Id, Presence = message });
            }

            if (_events.Wait == 0)
            {
                await TellAsync(stoppingToken);
            }
        }
    }

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        if ((_untold ?? table.TakeChanges(MaxChanges)) is not { Count: > 0 } changes)
        {
            return;
        }

        try
        {
            var (observers, rows) = await store.ObserversAsync([.. changes.Select(change => change.UserId)], stoppingToken);
            var events = 0;
            OutputBatch.Run(() => events = changes.Sum(change => fanOut.Send(change, table.Connected(observers[change.UserId]))));
            _events.Charge(events + (rows / RowsPerEvent));
            (_untold, _isFailing) = (null, false);
        }
        catch (DbException e)
        {
            _untold = changes;
            if (!_isFailing)
            {
                _isFailing = true;
                CannotRead(logger, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The database cannot be read ({Reason}). Changes of presence are told when it can")]
    private static partial void CannotRead(ILogger logger, string reason);
}
