namespace Chasqui.Server.Presence;

/// <summary>
/// The users of the other servers, as those say. A server that is silent for long is gone with its users; while Redis is away,
/// nobody can tell, and everything stays as it was. Used under the lock of <see cref="PresenceTable"/>.
/// </summary>
internal sealed class PeerPresence(TimeProvider clock, Action<UserId> onChange)
{
    /// <summary>
    /// With the time for its detection, less than the 30 s after which nobody may see the users of a killed server.
    /// </summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly Dictionary<Guid, Peer> _peers = [];

    /// <summary>Whether the other servers can be heard.</summary>
    public bool IsLinked { get; private set; }

    public PresenceStatus Of(UserId user) => _peers.Values
        .Select(peer => peer.Users.GetValueOrDefault(user))
        .DefaultIfEmpty(PresenceStatus.Offline)
        .Max();

    public void SetLinked(bool isLinked)
    {
        IsLinked = isLinked;
        foreach (var peer in _peers.Values)
        {
            peer.LastHeard = clock.GetTimestamp();
        }
    }

    /// <returns>Whether something is missing that a snapshot has.</returns>
    public bool Receive(Guid server, PresenceMessage message)
    {
        if (!_peers.TryGetValue(server, out var peer))
        {
            _peers.Add(server, peer = new Peer());
        }

        peer.LastHeard = clock.GetTimestamp();
        peer.Timeout = message.IsLast ? LocalPresence.Grace : Timeout;
        if (message.IsLast)
        {
            return false;
        }

        if (message.IsSnapshot)
        {
            foreach (var user in peer.Users.Keys.Except(message.Online.Concat(message.Away)).ToList())
            {
                Set(peer, user, PresenceStatus.Offline);
            }
        }

        SetAll(peer, message.Online, PresenceStatus.Online);
        SetAll(peer, message.Away, PresenceStatus.Away);
        SetAll(peer, message.Offline.Select(departed => departed.User), PresenceStatus.Offline);
        var isHeartbeat = message is { IsSnapshot: false, Online.Count: 0, Away.Count: 0, Offline.Count: 0 };
        var hasGap = !message.IsSnapshot && message.Number != peer.Number + (isHeartbeat ? 0 : 1);
        // After a gap it stays unknown until the snapshot.
        peer.Number = hasGap ? null : message.Number;
        return hasGap;
    }

    /// <summary>Forgets the servers that are silent.</summary>
    public void Sweep()
    {
        foreach (var (server, peer) in _peers)
        {
            if (IsLinked && clock.GetElapsedTime(peer.LastHeard) > peer.Timeout)
            {
                SetAll(peer, [.. peer.Users.Keys], PresenceStatus.Offline);
                _peers.Remove(server);
            }
        }
    }

    private void SetAll(Peer peer, IEnumerable<UserId> users, PresenceStatus status)
    {
        foreach (var user in users)
        {
            Set(peer, user, status);
        }
    }

    private void Set(Peer peer, UserId user, PresenceStatus status)
    {
        if (status == PresenceStatus.Offline ? peer.Users.Remove(user) : peer.Users.GetValueOrDefault(user) != status)
        {
            if (status != PresenceStatus.Offline)
            {
                peer.Users[user] = status;
            }

            onChange(user);
        }
    }

    private sealed class Peer
    {
        public Dictionary<UserId, PresenceStatus> Users { get; } = [];

        public long? Number { get; set; }

        public long LastHeard { get; set; }

        public TimeSpan Timeout { get; set; } = PeerPresence.Timeout;
    }
}
