using Chasqui.Server.Configuration;
using Chasqui.Server.Presence;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using StackExchange.Redis;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Carries typing and presence between servers, over SignalR's Redis backplane. On a new connection the servers tell each other
/// who is there.
/// </summary>
internal sealed class EphemeralLink(
    IHubProtocolResolver protocols, EphemeralQueue queue, TypingMembers typing, PresenceTable presence, LocalFanOut local,
    ServerInstance server, TimeProvider clock, ILoggerFactory loggers)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger<EphemeralLink>();
    private bool _isUnreadable;
    private bool _isFailing;

    /// <summary>Links this server to the others.</summary>
    /// <param name="connectAsync">
    /// Makes a connection to Redis, which SignalR disposes of: the durable events do not share it, and cannot fail with it.
    /// </param>
    /// <param name="cancellationToken">Ends the link.</param>
    public async Task RunAsync(Func<Task<IConnectionMultiplexer>> connectAsync, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await LinkAsync(connectAsync, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Nothing but ephemeral events depends on it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!_isFailing)
                {
                    _isFailing = true;
                    BackplaneLog.NotLinked(_logger, e.Message);
                }

                await Task.Delay(RetryDelay, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LinkAsync(Func<Task<IConnectionMultiplexer>> connectAsync, CancellationToken cancellationToken)
    {
        using var hub = new RedisHubLifetimeManager<EphemeralHub>(
            loggers.CreateLogger<RedisHubLifetimeManager<EphemeralHub>>(),
            Options.Create(new RedisOptions { ConnectionFactory = _ => connectAsync() }),
            protocols);
        var connection = new ServerConnection(protocols.AllProtocols[0], Receive, OnUnreadable, loggers);
        await hub.OnConnectedAsync(connection).WaitAsync(cancellationToken);
        var queued = queue.Open();
        presence.SetLinked(true);
        _isFailing = false;
        try
        {
            await foreach (var message in queued.ReadAllAsync(cancellationToken))
            {
                await SendAsync(message).WaitAsync(cancellationToken);
            }
        }
        finally
        {
            queue.Close();
            presence.SetLinked(false);
            // Where Redis is gone, the others notice the silence.
            var last = new PresenceMessage { Number = 0, IsLast = true };
            await SendAsync(new EphemeralMessage { Server = server.Id, Presence = last })
                .WaitAsync(StopTimeout, clock, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task SendAsync(EphemeralMessage message) =>
            hub.SendAllExceptAsync(EphemeralHub.Event, [message], [connection.ConnectionId], CancellationToken.None);
    }

    private void Receive(EphemeralMessage message)
    {
        if (message.Server == server.Id)
        {
            return;
        }

        if (message.Typing is { } change)
        {
            typing.Receive(change);
        }

        if (message.ReadMark is { } moved)
        {
            local.Marked(moved);
        }

        if (message.Presence is { } changes)
        {
            presence.Receive(message.Server, changes);
        }
    }

    private void OnUnreadable(Exception e)
    {
        if (!_isUnreadable)
        {
            _isUnreadable = true;
            BackplaneLog.UnreadableEphemeral(_logger, e.Message);
        }
    }
}
