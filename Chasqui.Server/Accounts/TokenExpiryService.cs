using System.Data.Common;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Accounts;

/// <summary>
/// Closes the sockets of tokens that have expired or were ended, whoever ended them: this server, another one, or the
/// command line. All of them write it into the database, and every server reads it from there.
/// </summary>
internal sealed partial class TokenExpiryService(
    TokenStore tokens, SigningKeys keys, ConnectionRegistry connections, TimeProvider clock, ILogger<TokenExpiryService> logger)
    : BackgroundService
{
    /// <summary>A socket outlives its token by two of these at the most, of the two seconds that the contract allows.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private long _position;
    private bool _failing;

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

            _failing = false;
        }
        catch (DbException e)
        {
            // The next round reads it.
            if (!_failing)
            {
                _failing = true;
                CannotRead(logger, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Which tokens were ended cannot be read ({Reason}): their sockets stay open until it can")]
    private static partial void CannotRead(ILogger logger, string reason);
}
