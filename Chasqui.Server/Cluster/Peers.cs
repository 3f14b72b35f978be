using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Cluster;

/// <summary>
/// The other servers, as Redis delivers what they publish: their events go to the sequencers, and a gap in their numbers leads to
/// a resync. The properties are known from what was received: they do no I/O and take no lock.
/// </summary>
internal sealed class Peers(
    ServerInstance server, ConversationSequencers sequencers, ResyncService resync, TimeProvider clock, ILogger<Peers> logger)
{
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Three heartbeats.</summary>
    private static readonly TimeSpan PeerTimeout = TimeSpan.FromMilliseconds(1_500);

    /// <summary>A peer that is silent for so long was shut down.</summary>
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Peer> _peers = new();
    private long _echoedAt = long.MinValue;
    private long? _unreadableAt;

    /// <summary>Whether Redis delivers: this server's own messages come back.</summary>
    public bool IsConnected => SinceEcho < PeerTimeout;

    public TimeSpan SinceEcho =>
        Volatile.Read(ref _echoedAt) is > long.MinValue and var at ? clock.GetElapsedTime(at) : TimeSpan.MaxValue;

    /// <summary>The number of peers whose heartbeats are missing.</summary>
    public int Silent => _peers.Values.Count(peer => peer.IsSilent);

    /// <summary>Called with one payload at a time, in the order of the channel.</summary>
    public void Receive(byte[] encoded)
    {
        var sender = BackplaneMessage.ServerOf(encoded);
        if (sender == server.Id)
        {
            OnEcho();
            return;
        }

        try
        {
            var message = BackplaneMessage.Decode(encoded);
            OutputBatch.Run(() => Deliver(message));
            // After the events: they may have filled what the resync would read.
            Track(message);
        }
#pragma warning disable CA1031 // Any payload can be on the channel. The database holds what it should have said.
        catch (Exception e)
#pragma warning restore CA1031
        {
            resync.RequestAll();
            if (_unreadableAt is not { } at || clock.GetElapsedTime(at) > LogInterval)
            {
                _unreadableAt = clock.GetTimestamp();
                BackplaneLog.Unreadable(logger, sender, e.Message);
            }
        }
    }

    private void OnEcho()
    {
        if (!IsConnected)
        {
            resync.RequestAll();
        }

        Volatile.Write(ref _echoedAt, clock.GetTimestamp());
        foreach (var (id, peer) in _peers)
        {
            var silence = clock.GetElapsedTime(peer.LastHeartbeat);
            if (silence > ForgetAfter)
            {
                _peers.TryRemove(id, out _);
            }
            else if (silence > PeerTimeout && !peer.IsSilent)
            {
                peer.IsSilent = true;
                BackplaneLog.PeerSilent(logger, id);
            }
        }
    }

    private void Deliver(BackplaneMessage message)
    {
        foreach (var committed in message.Events)
        {
            sequencers.Find(committed.Conversation)?.OnEvent(committed);
        }

        if (message.MembersChanged)
        {
            resync.RequestMembers();
        }
    }

    private void Track(BackplaneMessage message)
    {
        if (message.IsLast)
        {
            _peers.TryRemove(message.Server, out _);
            return;
        }

        var peer = _peers.GetOrAdd(message.Server, static _ => new Peer());
        if (peer.Number is null)
        {
            BackplaneLog.PeerConnected(logger, message.Server);
        }

        // The first message of a peer follows a gap too: what it published before was not received.
        if (message.Number != peer.Number + (message.IsHeartbeat ? 0 : 1))
        {
            resync.RequestAll();
        }

        (peer.Number, peer.LastHeartbeat, peer.IsSilent) = (message.Number, clock.GetTimestamp(), false);
    }

    private sealed class Peer
    {
        public long? Number { get; set; }

        public long LastHeartbeat { get; set; }

        public bool IsSilent { get; set; }
    }
}
