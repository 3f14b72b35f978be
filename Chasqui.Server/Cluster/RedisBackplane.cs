using Chasqui.Server.Configuration;
using StackExchange.Redis;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Publishes this server's backplane messages on a Redis channel, and receives those of the others. Redis stores nothing, and may
/// lose anything: then events arrive later, by a resync. SignalR's own backplane cannot carry them: while Redis is disconnected
/// its groups receive nothing and connections fail, it keeps no order between servers, and does not report what it lost.
/// </summary>
/// <exception cref="StartupException">The connection string cannot be read.</exception>
internal sealed class RedisBackplane(
    IOptions<BackplaneOptions> options, BackplaneQueue queue, Peers peers, TimeProvider clock, ILogger<RedisBackplane> logger)
    : BackgroundService
{
    /// <summary>A connection on which nothing comes back for so long is replaced, even if it looks alive.</summary>
    private static readonly TimeSpan ConnectionTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly ConfigurationOptions _redis = Parse(options.Value.Redis!);
    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.Prefix + ":backplane");
    private bool? _isConnected;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var redis = await ConnectAsync(stoppingToken);
                var subscriber = redis.GetSubscriber();
                var subscription = await subscriber.SubscribeAsync(_channel).WaitAsync(ConnectionTimeout, clock, stoppingToken);
                subscription.OnMessage(received => peers.Receive((byte[])received.Message!));
                queue.Open();
                await PublishAsync(subscriber, stoppingToken);
            }
#pragma warning disable CA1031 // After any failure a new connection is made. Nothing is lost without one.
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (_isConnected != false)
                {
                    _isConnected = false;
                    BackplaneLog.Disconnected(logger, e.Message);
                }

                await Task.Delay(RetryDelay, clock, stoppingToken);
            }
            finally
            {
                queue.Close();
            }
        }
    }

    private static ConfigurationOptions Parse(string redis)
    {
        try
        {
            var parsed = ConfigurationOptions.Parse(redis);
            parsed.AbortOnConnectFail = false;
            // What cannot be published now is not published later: by then the other servers have read it from the database.
            parsed.BacklogPolicy = BacklogPolicy.FailFast;
            parsed.KeepAlive = 5;
            parsed.ClientName ??= "chasqui";
            return parsed;
        }
        catch (ArgumentException e)
        {
            throw new StartupException($"Backplane:Redis cannot be read: {e.Message}");
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken stoppingToken)
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(_redis);
        try
        {
            return await connecting.WaitAsync(ConnectionTimeout, clock, stoppingToken);
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
        var connectedAt = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            Publish(subscriber, queue.Take());
            if (peers.IsConnected && _isConnected != true)
            {
                _isConnected = true;
                BackplaneLog.Connected(logger);
            }
            else if (peers.SinceEcho > ConnectionTimeout && clock.GetElapsedTime(connectedAt) > ConnectionTimeout)
            {
                throw new TimeoutException("it delivers nothing");
            }

            await queue.WaitAsync(Peers.HeartbeatInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // The drain has stopped the writer, so these are its last commits.
        var last = queue.Take();
        for (; !last.IsHeartbeat; last = queue.Take())
        {
            Publish(subscriber, last);
        }

        await subscriber.PublishAsync(_channel, (last with { IsLast = true }).Encode());
    }

    private void Publish(ISubscriber subscriber, BackplaneMessage message)
    {
        try
        {
            _ = subscriber.PublishAsync(_channel, message.Encode(), StackExchange.Redis.CommandFlags.FireAndForget);
        }
        catch (RedisException)
        {
            // The other servers find the gap in the numbers.
        }
    }
}
