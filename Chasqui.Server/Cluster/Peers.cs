namespace Chasqui.Server.Cluster;

/// <summary>The other servers, and whether all that they say is heard. Where anything is missing, the database is asked.</summary>
internal sealed class Peers(ResyncRequests resync, TimeProvider clock, ILogger<Peers> logger)
{
    /// <summary>How often a server says that it is there.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    /// <summary>Three beats: whoever is not heard for so long may be saying something that is not heard either.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(1_500);

    /// <summary>Whoever has been silent for so long is gone.</summary>
    private static readonly TimeSpan Gone = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Peer> _peers = [];
    private long? _echo;

    /// <summary>Whether what this server says comes back to it.</summary>
    public bool IsConnected => SinceEcho < Silence;

    /// <summary>How long nothing that this server says has come back to it.</summary>
    public TimeSpan SinceEcho
    {
        get
        {
            lock (_gate)
            {
                return _echo is { } echo ? clock.GetElapsedTime(echo) : TimeSpan.MaxValue;
            }
        }
    }

    /// <summary>Servers that are not heard, and were not long ago.</summary>
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

    /// <summary>Notices who is not heard any more.</summary>
    public void Watch()
    {
        lock (_gate)
        {
            foreach (var (id, peer) in _peers)
            {
                var silence = clock.GetElapsedTime(peer.HeardAt);
                if (silence > Gone)
                {
                    _peers.Remove(id);
                }
                else if (silence > Silence && !peer.IsSilent)
                {
                    peer.IsSilent = true;
                    BackplaneLog.PeerSilent(logger, id);
                }
            }
        }
    }

    /// <summary>This server has heard itself.</summary>
    public void Echoed()
    {
        lock (_gate)
        {
            var wasConnected = IsConnected;
            _echo = clock.GetTimestamp();
            if (!wasConnected)
            {
                resync.Everything();
            }
        }
    }

    /// <summary>Another server has said something; what it says is taken in by then.</summary>
    public void Heard(Guid server, BackplaneMessage message)
    {
        lock (_gate)
        {
            if (message.IsLast)
            {
                _peers.Remove(server);
                return;
            }

            var isNew = !_peers.TryGetValue(server, out var peer);
            if (isNew)
            {
                BackplaneLog.PeerFound(logger, server);
                _peers.Add(server, peer = new Peer());
            }

            // It may have said something before it was heard, or that was not.
            if (isNew || message.Number != peer!.Number + (message.IsNews ? 1 : 0))
            {
                resync.Everything();
            }

            (peer!.Number, peer.HeardAt, peer.IsSilent) = (message.Number, clock.GetTimestamp(), false);
        }
    }

    private sealed class Peer
    {
        public long Number { get; set; }

        public long HeardAt { get; set; }

        public bool IsSilent { get; set; }
    }
}
