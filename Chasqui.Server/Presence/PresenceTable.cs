using Chasqui.Server.Delivery;

namespace Chasqui.Server.Presence;

/// <summary>
/// Who is online, away or offline, over all connections and servers, and which changes are still to be told. Changes are
/// coalesced by user: only the difference from what was told last counts. Its lock is a leaf.
/// </summary>
internal sealed class PresenceTable
{
    private const int MaxLastSeen = 10_000;

    private readonly Lock _gate = new();
    private readonly LocalPresence _local;
    private readonly PeerPresence _peers;
    private readonly Dictionary<UserId, PresenceStatus> _told = [];
    private readonly Queue<UserId> _changed = new();
    private readonly HashSet<UserId> _isChanged = [];
    private readonly PresencePublication _publication;

    // Of those who left lately; the database has the others, to about a minute.
    private readonly Dictionary<UserId, DateTimeOffset> _lastSeen = [];

    public PresenceTable(TimeProvider clock)
    {
        _local = new LocalPresence(clock);
        _peers = new PeerPresence(clock, OnChange);
        _publication = new PresencePublication(_local, _lastSeen, clock);
    }

    public void Connected(ClientConnection connection) => ChangeLocal(connection, () => _local.Add(connection));

    public void Disconnected(ClientConnection connection) => ChangeLocal(connection, () => _local.Remove(connection));

    public void SetAway(ClientConnection connection, bool isAway) =>
        ChangeLocal(connection, () => _local.SetAway(connection, isAway));

    /// <summary>The other servers can be heard, or no longer.</summary>
    public void SetLinked(bool isLinked)
    {
        lock (_gate)
        {
            _peers.SetLinked(isLinked);
            if (isLinked)
            {
                _publication.Begin();
            }
            else
            {
                _publication.End();
            }
        }
    }

    public void Receive(Guid server, PresenceMessage message)
    {
        lock (_gate)
        {
            foreach (var departed in message.Offline)
            {
                SetLastSeen(departed.User, departed.LastSeenAt);
            }

            if (_peers.Receive(server, message))
            {
                _publication.AskForSnapshots();
            }

            if (message.AsksForSnapshots)
            {
                _publication.RequestSnapshot();
            }
        }
    }

    /// <summary>Finds the users who are gone since.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            while (_local.TakeDeparted() is var (user, leftAt))
            {
                SetLastSeen(user, leftAt);
                OnLocalChange(user);
            }

            _peers.Sweep();
        }
    }

    /// <returns>What the other servers need to know; <see langword="null"/> for nothing.</returns>
    public PresenceMessage? TakeMessage()
    {
        lock (_gate)
        {
            return _peers.IsLinked ? _publication.Take() : null;
        }
    }

    /// <summary>Takes changes to tell, those that wait longest.</summary>
    public IReadOnlyList<PresenceChanged> TakeChanges(int max)
    {
        lock (_gate)
        {
            List<PresenceChanged> changes = [];
            while (changes.Count < max && _changed.TryDequeue(out var user))
            {
                _isChanged.Remove(user);
                var status = StatusOf(user);
                if (status == _told.GetValueOrDefault(user))
                {
                    continue;
                }

                changes.Add(EventOf(user, status));
                if (status == PresenceStatus.Offline)
                {
                    _told.Remove(user);
                }
                else
                {
                    _told[user] = status;
                }
            }

            return changes;
        }
    }

    public PresenceChanged Of(UserId user)
    {
        lock (_gate)
        {
            return EventOf(user, StatusOf(user));
        }
    }

    /// <summary>Those of the users who have connections to this server.</summary>
    public IReadOnlyList<UserId> Connected(IEnumerable<UserId> users)
    {
        lock (_gate)
        {
            return [.. users.Where(_local.IsConnected)];
        }
    }

    private void ChangeLocal(ClientConnection connection, Action change)
    {
        lock (_gate)
        {
            change();
            OnLocalChange(connection.Credentials.User);
        }
    }

    private void OnLocalChange(UserId user)
    {
        OnChange(user);
        _publication.Add(user);
    }

    private void OnChange(UserId user)
    {
        if (_isChanged.Add(user))
        {
            _changed.Enqueue(user);
        }
    }

    private PresenceStatus StatusOf(UserId user) =>
        (PresenceStatus)Math.Max((int)_local.Of(user), (int)_peers.Of(user));

    private PresenceChanged EventOf(UserId user, PresenceStatus status) => new()
    {
        UserId = user,
        Status = status.Name(),
        LastSeenAt = status == PresenceStatus.Offline && _lastSeen.TryGetValue(user, out var lastSeen) ? lastSeen : null,
    };

    private void SetLastSeen(UserId user, DateTimeOffset lastSeen)
    {
        if (_lastSeen.Count >= MaxLastSeen)
        {
            _lastSeen.Clear();
        }

        _lastSeen[user] = lastSeen;
    }
}
