namespace Chasqui.Server.Presence;

/// <summary>What is to be told to the other servers. Used under the lock of <see cref="PresenceTable"/>.</summary>
internal sealed class PresencePublication(
    LocalPresence local, IReadOnlyDictionary<UserId, DateTimeOffset> lastSeen, TimeProvider clock)
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(2);

    /// <summary>Between two snapshots, however many ask for one.</summary>
    private static readonly TimeSpan SnapshotInterval = TimeSpan.FromSeconds(1);

    private readonly HashSet<UserId> _changed = [];
    private long _number;
    private long _sentAt;
    private long _snapshotAt;
    private bool _isSnapshotDue;
    private bool _asks;
    private bool _hasBegun;

    /// <summary>The others can be heard from now on. Nobody knows what was lost before.</summary>
    public void Begin()
    {
        (_isSnapshotDue, _asks, _hasBegun) = (true, true, true);
        _snapshotAt = clock.GetTimestamp() - (long)(SnapshotInterval.TotalSeconds * clock.TimestampFrequency);
    }

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
        var isSnapshot = _isSnapshotDue && clock.GetElapsedTime(_snapshotAt) >= SnapshotInterval;
        if (!isSnapshot && !_asks && _changed.Count == 0 && clock.GetElapsedTime(_sentAt) < HeartbeatInterval)
        {
            return null;
        }

        var message = isSnapshot ? Snapshot() : Changes();
        _number = message.Number;
        _sentAt = clock.GetTimestamp();
        _asks = false;
        _changed.Clear();
        return message;
    }

    private PresenceMessage Snapshot()
    {
        _isSnapshotDue = false;
        _snapshotAt = clock.GetTimestamp();
        return new PresenceMessage
        {
            Number = _number + 1,
            IsSnapshot = true,
            AsksForSnapshots = _asks,
            Online = [.. local.With(PresenceStatus.Online)],
            Away = [.. local.With(PresenceStatus.Away)],
            Offline = Departed(),
        };
    }

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
