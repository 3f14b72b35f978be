using Chasqui.Server.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Publishes this server's backplane messages on a Redis channel, and receives those of the others. Redis stores nothing, and may
/// lose anything: then events arrive later, by a resync. SignalR's own backplane cannot carry them: while Redis is disconnected
/// its groups receive nothing and connections fail, it keeps no order between servers, and does not report what it lost.
/// </summary>
internal sealed class RedisBackplane : BackgroundService
{
    /// <summary>A connection on which nothing comes back for so long is replaced, even if it looks alive.</summary>
    private static readonly TimeSpan ConnectionTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly ConfigurationOptions _redis;
    private readonly RedisChannel _channel;
    private readonly BackplaneQueue _queue;
    private readonly BackplaneReceiver _receiver;
    private readonly Peers _peers;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisBackplane> _logger;
    private bool? _isConnected;

    /// <exception cref="StartupException">The connection string cannot be read.</exception>
    public RedisBackplane(
        IOptions<BackplaneOptions> options, BackplaneQueue queue, BackplaneReceiver receiver, Peers peers, TimeProvider clock,
        ILogger<RedisBackplane> logger)
    {
        (_queue, _receiver, _peers, _clock, _logger) = (queue, receiver, peers, clock, logger);
        _channel = RedisChannel.Literal(options.Value.Prefix + ":backplane");
        try
        {
            _redis = ConfigurationOptions.Parse(options.Value.Redis!);
        }
        catch (ArgumentException e)
        {
            throw new StartupException($"Backplane:Redis cannot be read: {e.Message}");
        }

        _redis.AbortOnConnectFail = false;
        // What cannot be published now is not published later: by then the other servers have read it from the database.
        _redis.BacklogPolicy = BacklogPolicy.FailFast;
        _redis.KeepAlive = 5;
        _redis.ClientName ??= "chasqui";
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var redis = await ConnectAsync(stoppingToken);
                var subscriber = redis.GetSubscriber();
                var subscription = await subscriber.SubscribeAsync(_channel).WaitAsync(ConnectionTimeout, _clock, stoppingToken);
                subscription.OnMessage(received => _receiver.Receive((byte[])received.Message!));
                _queue.Open();
                await PublishAsync(subscriber, stoppingToken);
            }
#pragma warning disable CA1031 // After any failure a new connection is made. Nothing is lost without one.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                SetConnected(false, e.Message);
                await Task.Delay(RetryDelay, _clock, stoppingToken);
            }
            finally
            {
                _queue.Close();
            }
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken stoppingToken)
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(_redis);
        try
        {
            return await connecting.WaitAsync(ConnectionTimeout, _clock, stoppingToken);
        }
        catch
        {
            // It may still be made, and is then closed.
            _ = connecting.ContinueWith(
                static late => late.Result.DisposeAsync().AsTask(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Publishes until the server stops.</summary>
    /// <exception cref="TimeoutException">Redis delivers nothing.</exception>
    private async Task PublishAsync(ISubscriber subscriber, CancellationToken stoppingToken)
    {
        var connectedAt = _clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            Publish(subscriber, _queue.Take());
            _peers.CheckTimeouts();
            if (_peers.IsConnected)
            {
                SetConnected(true);
            }
            else if (_peers.SinceEcho > ConnectionTimeout && _clock.GetElapsedTime(connectedAt) > ConnectionTimeout)
            {
                throw new TimeoutException("it delivers nothing");
            }

            await _queue.WaitAsync(Peers.HeartbeatInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // The drain has stopped the writer, so these are its last commits.
        while (!_queue.IsEmpty)
        {
            Publish(subscriber, _queue.Take());
        }

        await subscriber.PublishAsync(_channel, (_queue.Take() with { IsLast = true }).Encode());
    }

    private void Publish(ISubscriber subscriber, BackplaneMessage message)
    {
        try
        {
            _ = subscriber.PublishAsync(_channel, message.Encode(), CommandFlags.FireAndForget);
        }
        catch (RedisException)
        {
            // The other servers find the gap in the numbers.
        }
    }

    private void SetConnected(bool isConnected, string reason = "")
    {
        if (_isConnected == isConnected)
        {
            return;
        }

        _isConnected = isConnected;
        if (isConnected)
        {
            BackplaneLog.Connected(_logger);
        }
        else
        {
            BackplaneLog.Disconnected(_logger, reason);
        }
    }
}
