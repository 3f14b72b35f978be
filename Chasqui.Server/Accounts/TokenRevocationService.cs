using Chasqui.Server.Delivery;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Closes the sockets of tokens that expired or were ended. This server, other servers and the command line write the ends into
/// the database, and every server reads them there.
/// </summary>
internal sealed partial class TokenRevocationService(
    TokenStore tokens, SigningKeys keys, ConnectionRegistry connections, TimeProvider clock, ILogger<TokenRevocationService> logger)
    : BackgroundService
{
    /// <summary>A socket outlives its token by at most two of these; the contract allows two seconds.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private long _position;
    private bool _isFailing;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _position = await tokens.LastEndAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            connections.CloseExpired(clock.GetUtcNow().ToUnixTimeSeconds());
            await ReadAsync(stoppingToken);
        }
    }

    private async Task ReadAsync(CancellationToken stoppingToken)
    {
        try
        {
            await keys.ReadAsync(stoppingToken);
            foreach (var ended in await tokens.EndedAfterAsync(_position, stoppingToken))
            {
                connections.CloseToken(ended.UserId, ended.TokenId, EndedToken.ToCloseReason(ended.Reason));
                _position = ended.Position;
            }

            _isFailing = false;
        }
        catch (DbException e)
        {
            // The next round reads it. Logged once.
            if (!_isFailing)
            {
                _isFailing = true;
                CannotRead(logger, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Ended tokens cannot be read ({Reason}): their sockets stay open until they can")]
    private static partial void CannotRead(ILogger logger, string reason);
}
