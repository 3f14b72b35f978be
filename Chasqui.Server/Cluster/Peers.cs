namespace Chasqui.Server.Cluster;

/// <summary>
/// The other servers that Redis connects to this one, by their heartbeats. A gap in their numbers leads to a resync. Nothing here
/// asks Redis: what is read is what has been received.
/// </summary>
internal sealed class Peers(ResyncRequests requests, TimeProvider clock, ILogger<Peers> logger)
{
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Three heartbeats.</summary>
    private static readonly TimeSpan PeerTimeout = TimeSpan.FromMilliseconds(1_500);

    /// <summary>A peer that is silent for so long was shut down, and is forgotten.</summary>
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Peer> _peers = [];
    private long? _echoedAt;

    /// <summary>Whether Redis delivers: this server's own messages come back.</summary>
    public bool IsConnected => SinceEcho < PeerTimeout;

    /// <summary>The time since the last message of this server came back.</summary>
    public TimeSpan SinceEcho
    {
        get
        {
            lock (_gate)
            {
                return _echoedAt is { } at ? clock.GetElapsedTime(at) : TimeSpan.MaxValue;
            }
        }
    }

    /// <summary>The number of peers whose heartbeats are missing.</summary>
    public int Silent
    {
        get
        {
            lock (_gate)
            {
                return _peers.Values.Count(peer => peer.IsSilent);
            }
        }
    }

    public void CheckTimeouts()
    {
        lock (_gate)
        {
            foreach (var (id, peer) in _peers)
            {
                var silence = clock.GetElapsedTime(peer.LastHeartbeat);
                if (silence > ForgetAfter)
                {
                    _peers.Remove(id);
                }
                else if (silence > PeerTimeout && !peer.IsSilent)
                {
                    peer.IsSilent = true;
                    BackplaneLog.PeerSilent(logger, id);
                }
            }
        }
    }

    /// <summary>A message of this server came back.</summary>
    public void OnEcho()
    {
        lock (_gate)
        {
            if (!IsConnected)
            {
                requests.Add(ResyncScope.All);
            }

            _echoedAt = clock.GetTimestamp();
        }
    }

    /// <summary>A message of another server was received, and its news handed on.</summary>
    public void OnReceived(BackplaneMessage message)
    {
        lock (_gate)
        {
            if (message.IsLast)
            {
                _peers.Remove(message.Server);
                return;
            }

            if (!_peers.TryGetValue(message.Server, out var peer))
            {
                BackplaneLog.PeerConnected(logger, message.Server);
                _peers.Add(message.Server, peer = new Peer());
            }

            // The first number of a peer is a gap too: what it published before was not received.
            if (message.Number != peer.Number + (message.IsHeartbeat ? 0 : 1))
            {
                requests.Add(ResyncScope.All);
            }

            (peer.Number, peer.LastHeartbeat, peer.IsSilent) = (message.Number, clock.GetTimestamp(), false);
        }
    }

    private sealed class Peer
    {
        public long? Number { get; set; }

        public long LastHeartbeat { get; set; }

        public bool IsSilent { get; set; }
    }
}
