namespace Chasqui.Server.Presence;

/// <summary>What is to be told to the other servers. Used under the lock of <see cref="PresenceTable"/>.</summary>
internal sealed class PresencePublication(
    LocalPresence local, IReadOnlyDictionary<UserId, DateTimeOffset> lastSeen, TimeProvider clock)
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(2);

    private readonly HashSet<UserId> _changed = [];
    private long _number;
    private long _sentAt;
    private bool _isSnapshotDue;
    private bool _asks;
    private bool _hasBegun;

    /// <summary>The others can be heard from now on. Nobody knows what was lost before.</summary>
    public void Begin() => (_isSnapshotDue, _asks, _hasBegun) = (true, true, true);

    public void End()
    {
        _hasBegun = false;
        _changed.Clear();
    }

    public void RequestSnapshot() => _isSnapshotDue = true;

    public void AskForSnapshots() => _asks = true;

    /// <summary>A user of this server has changed; without other servers nothing is collected.</summary>
    public void Add(UserId user)
    {
        if (_hasBegun)
        {
            _changed.Add(user);
        }
    }

    public PresenceMessage? Take()
    {
        if (!_isSnapshotDue && !_asks && _changed.Count == 0 && clock.GetElapsedTime(_sentAt) < HeartbeatInterval)
        {
            return null;
        }

        var message = _isSnapshotDue ? Snapshot() : Changes();
        _number = message.Number;
        _sentAt = clock.GetTimestamp();
        (_isSnapshotDue, _asks) = (false, false);
        _changed.Clear();
        return message;
    }

    private PresenceMessage Snapshot() => new()
    {
        Number = _number + 1,
        IsSnapshot = true,
        AsksForSnapshots = _asks,
        Online = [.. local.With(PresenceStatus.Online)],
        Away = [.. local.With(PresenceStatus.Away)],
        Offline = Departed(),
    };

    private PresenceMessage Changes() => new()
    {
        Number = _number + (_changed.Count > 0 ? 1 : 0),
        AsksForSnapshots = _asks,
        Online = [.. _changed.Where(user => local.Of(user) == PresenceStatus.Online)],
        Away = [.. _changed.Where(user => local.Of(user) == PresenceStatus.Away)],
        Offline = Departed(),
    };

    private DepartedUser[] Departed() =>
    [
        .. _changed.Where(user => local.Of(user) == PresenceStatus.Offline)
            .Select(user => new DepartedUser(user, lastSeen.GetValueOrDefault(user, clock.GetUtcNow()))),
    ];
}
