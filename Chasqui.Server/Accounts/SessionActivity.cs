using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Collects the tokens that are in use, and stores once a minute that their sessions were seen: a call or a message costs no
/// write for it.
/// </summary>
internal sealed partial class SessionActivity(
    SessionStore sessions, ConnectionRegistry connections, TimeProvider clock, ILogger<SessionActivity> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private ConcurrentDictionary<Guid, bool> _used = new();

    /// <summary>A call was made with a token.</summary>
    public void OnUse(Guid token) => _used.TryAdd(token, true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var used = Interlocked.Exchange(ref _used, new());
            try
            {
                await sessions.SeenAsync(used.Keys.Union(connections.Tokens()));
            }
            catch (WriteRefusedException e)
            {
                NotStored(logger, e.InnerException?.Message ?? e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The time at which sessions were last seen was not stored ({Reason})")]
    private static partial void NotStored(ILogger logger, string reason);
}
