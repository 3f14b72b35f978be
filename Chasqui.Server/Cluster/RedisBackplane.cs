using System.Diagnostics;
using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Carries telegrams over a channel of Redis, which forgets what nobody hears; nothing depends on it but how soon the others
/// know. SignalR's own backplane for Redis is none for a log: what is sent to a group goes through Redis alone, and no
/// connection can be made, while it is away; it keeps no order between servers; and it says nothing of what it has lost.
/// </summary>
internal sealed class RedisBackplane : BackgroundService
{
    /// <summary>A connection on which nothing comes back is given up and made anew, whatever it looks like.</summary>
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>How long more of what cannot be read is passed over in silence.</summary>
    private static readonly TimeSpan UnreadablePause = TimeSpan.FromMinutes(1);

    private readonly ConfigurationOptions _redis;
    private readonly RedisChannel _channel;
    private readonly ServerInstance _server;
    private readonly ConversationSequencers _sequencers;
    private readonly BackplaneQueue _queue;
    private readonly ResyncRequests _resync;
    private readonly Peers _peers;
    private readonly ILogger<RedisBackplane> _logger;
    private long _number;
    private long? _unreadableAt;
    private bool? _isThere;

    /// <exception cref="StartupException">The connection string is none.</exception>
    public RedisBackplane(
        IOptions<BackplaneOptions> options, ServerInstance server, ConversationSequencers sequencers, BackplaneQueue queue, ResyncRequests resync, Peers peers,
        ILogger<RedisBackplane> logger)
    {
        (_server, _sequencers, _queue, _resync, _peers, _logger) = (server, sequencers, queue, resync, peers, logger);
        _channel = RedisChannel.Literal(options.Value.Prefix + ":telegrams");
        try
        {
            _redis = ConfigurationOptions.Parse(options.Value.Redis!);
        }
        catch (ArgumentException e)
        {
            throw new StartupException($"Backplane:Redis cannot be read: {e.Message}");
        }

        _redis.AbortOnConnectFail = false;
        // What cannot be said now is not said later: the others have it from the database by then.
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
                (await subscriber.SubscribeAsync(_channel).WaitAsync(GiveUp, stoppingToken)).OnMessage(heard => Hear((byte[])heard.Message!));
                _queue.Open();
                await TellAsync(subscriber, stoppingToken);
            }
#pragma warning disable CA1031 // Whatever becomes of the connection, it is made anew; and nothing is lost without it.
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Notice(isThere: false, e.Message);
                await Task.Delay(RetryDelay, stoppingToken);
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
            return await connecting.WaitAsync(GiveUp, stoppingToken);
        }
        catch
        {
            // It may still come, and would stay.
            _ = connecting.ContinueWith(
                static late => late.IsCompletedSuccessfully ? late.Result.DisposeAsync().AsTask() : Task.CompletedTask,
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Tells what there is to tell, until the server stops or nothing comes back any more.</summary>
    private async Task TellAsync(ISubscriber subscriber, CancellationToken stoppingToken)
    {
        var connectedAt = Stopwatch.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            Publish(subscriber, _queue.Take(_number));
            var silence = _peers.SinceEcho;
            if (_peers.IsConnected)
            {
                Notice(isThere: true, string.Empty);
            }
            else if (silence > GiveUp && Stopwatch.GetElapsedTime(connectedAt) > GiveUp)
            {
                Notice(isThere: false, "nothing comes back from it");
                return;
            }

            await _queue.WaitAsync(Peers.Beat, CancellationToken.None);
        }

        // The writer has stopped by now: this is all that it has stored.
        while (!_queue.IsEmpty)
        {
            Publish(subscriber, _queue.Take(_number));
        }

        await subscriber.PublishAsync(_channel, new BackplaneMessage { Number = _number, IsLast = true }.Encode(_server.Id));
    }

    private void Publish(ISubscriber subscriber, BackplaneMessage backplaneMessage)
    {
        _number = backplaneMessage.Number;
        try
        {
            _ = subscriber.PublishAsync(_channel, backplaneMessage.Encode(_server.Id), CommandFlags.FireAndForget);
        }
        catch (RedisException)
        {
            // Its number is used up: the others will find that it is missing.
        }
    }

    private void Hear(byte[] encoded)
    {
        var server = BackplaneMessage.ServerOf(encoded);
        if (server == _server.Id)
        {
            _peers.Echoed();
            return;
        }

        try
        {
            var backplaneMessage = BackplaneMessage.Decode(encoded);
            OutputBatch.Run(() => TakeIn(backplaneMessage));
            _peers.Heard(server, backplaneMessage);
        }
#pragma warning disable CA1031 // Whatever comes over the channel, and whatever goes wrong with it, the database knows better.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _resync.Everything();
            if (_unreadableAt is not { } at || Stopwatch.GetElapsedTime(at) > UnreadablePause)
            {
                _unreadableAt = Stopwatch.GetTimestamp();
                BackplaneLog.Unreadable(_logger, server, e.Message);
            }
        }
    }

    private void TakeIn(BackplaneMessage backplaneMessage)
    {
        foreach (var committed in backplaneMessage.Messages)
        {
            _sequencers.Find(committed.Message.ConversationId)?.OnCommitted(committed);
        }

        foreach (var (conversation, position) in backplaneMessage.Positions)
        {
            _sequencers.Find(conversation)?.OnPosition(position);
        }

        if (backplaneMessage.MembersChanged)
        {
            _resync.Members();
        }
    }

    private void Notice(bool isThere, string reason)
    {
        if (_isThere == isThere)
        {
            return;
        }

        _isThere = isThere;
        if (isThere)
        {
            BackplaneLog.Found(_logger);
        }
        else
        {
            BackplaneLog.Lost(_logger, reason);
        }
    }
}
