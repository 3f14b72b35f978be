using System.Net.Sockets;
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
    IOptions<BackplaneOptions> options, BackplaneQueue queue, Peers peers, EphemeralLink ephemeral, TimeProvider clock,
    ILogger<RedisBackplane> logger)
    : BackgroundService
{
    /// <summary>A connection on which nothing comes back for so long is replaced, even if it looks alive.</summary>
    private static readonly TimeSpan ConnectionTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Shorter: the exception of StackExchange.Redis has the reason.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>How Redis begins such an answer.</summary>
    private static readonly string[] RefusalCodes = ["NOAUTH", "WRONGPASS", "NOPERM"];

    private readonly ConfigurationOptions _redis = Parse(options.Value);
    private readonly RedisChannel _channel = RedisChannel.Literal("backplane");
    private State _state;

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
                // Waits for the answer, which later ones do not: Redis may refuse to publish.
                await subscriber.PublishAsync(_channel, queue.Take().Encode()).WaitAsync(ConnectionTimeout, clock, stoppingToken);
                queue.Open();
                using var connected = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                var linked = ephemeral.RunAsync(async () => await ConnectAsync(stoppingToken), connected.Token);
                try
                {
                    await PublishAsync(subscriber, stoppingToken);
                }
                finally
                {
                    await connected.CancelAsync();
                    await linked;
                }
            }
#pragma warning disable CA1031 // After any failure a new connection is made. Nothing is lost without one.
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailure(e);

                await Task.Delay(RetryDelay, clock, stoppingToken);
            }
            finally
            {
                queue.Close();
            }
        }
    }

    private static ConfigurationOptions Parse(BackplaneOptions options)
    {
        try
        {
            var parsed = ConfigurationOptions.Parse(options.Redis!);
            // Before the name of each channel, those of SignalR too.
            parsed.ChannelPrefix = RedisChannel.Literal(options.Prefix + ":");
            // With the reason; the next try makes a new connection anyway.
            parsed.AbortOnConnectFail = true;
            parsed.ConnectRetry = 1;
            parsed.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
            // A key and a channel for Redis servers that replace each other, to which the user would need rights.
            parsed.TieBreaker = "";
            parsed.ConfigurationChannel = "";
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

    /// <summary>Whether Redis answers and does not let this server do what it needs.</summary>
    private static bool IsRefusal(Exception e) =>
        e is RedisServerException or RedisCommandException
        || Array.Exists(RefusalCodes, code => e.Message.Contains(code, StringComparison.Ordinal));

    /// <summary>
    /// Once more: StackExchange.Redis goes on after a wrong password, as the default user, who may be allowed less.
    /// </summary>
    private async Task LogInAsync(ConnectionMultiplexer redis)
    {
        if (_redis.Password is { Length: > 0 } password)
        {
            object[] credentials = _redis.User is { Length: > 0 } user ? [user, password] : [password];
            await redis.GetDatabase().ExecuteAsync("AUTH", credentials);
        }
    }

    /// <summary>Logs a failure once, and once more if Redis then turns out to refuse.</summary>
    private void LogFailure(Exception e)
    {
        var state = IsRefusal(e) ? State.Refused : State.Disconnected;
        if (state > _state)
        {
            _state = state;
            if (state == State.Refused)
            {
                BackplaneLog.Refused(logger, e.Message);
            }
            else
            {
                BackplaneLog.Disconnected(logger, e.Message);
            }
        }
    }

    /// <summary>
    /// Fails at once where nothing listens: StackExchange.Redis goes on for all of <see cref="ConnectTimeout"/>, and would not
    /// notice a Redis that starts meanwhile.
    /// </summary>
    /// <exception cref="SocketException">No Redis can be reached.</exception>
    private async Task FindAsync(CancellationToken stoppingToken)
    {
        SocketException? failure = null;
        foreach (var endpoint in _redis.EndPoints)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endpoint, stoppingToken).AsTask().WaitAsync(ConnectTimeout, clock, stoppingToken);
                return;
            }
            catch (SocketException e)
            {
                failure = e;
            }
        }

        throw failure!;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken stoppingToken)
    {
        await FindAsync(stoppingToken);
        var connecting = ConnectionMultiplexer.ConnectAsync(_redis);
        try
        {
            var redis = await connecting.WaitAsync(ConnectionTimeout, clock, stoppingToken);
            await LogInAsync(redis).WaitAsync(ConnectionTimeout, clock, stoppingToken);
            return redis;
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
            if (peers.IsConnected && _state != State.Connected)
            {
                _state = State.Connected;
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

    private enum State
    {
        Unknown,
        Connected,
        Disconnected,
        Refused,
    }
}
