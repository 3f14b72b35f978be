using Chasqui.Server.Delivery;

namespace Chasqui.Server.Presence;

/// <summary>
/// The users with connections to this server. One whose last connection ended stays for a while, so that nobody sees a reconnect.
/// Used under the lock of <see cref="PresenceTable"/>.
/// </summary>
internal sealed class LocalPresence(TimeProvider clock)
{
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Dictionary<UserId, LocalUser> _users = [];

    // In the order in which they left: all have the same grace.
    private readonly Queue<(UserId User, long LeftAt)> _leaving = new();

    public int Count => _users.Count;

    public bool IsConnected(UserId user) => _users.TryGetValue(user, out var found) && found.Connections > 0;

    public PresenceStatus Of(UserId user) => _users.TryGetValue(user, out var found) ? found.Status : PresenceStatus.Offline;

    public IEnumerable<UserId> With(PresenceStatus status) =>
        _users.Where(user => user.Value.Status == status).Select(user => user.Key);

    public void Add(ClientConnection connection)
    {
        connection.IsAway = false;
        Change(connection, connections: 1, away: 0);
    }

    public void Remove(ClientConnection connection)
    {
        Change(connection, connections: -1, away: connection.IsAway is true ? -1 : 0);
        connection.IsAway = null;
    }

    /// <summary>Does nothing for a connection that has ended.</summary>
    public void SetAway(ClientConnection connection, bool isAway)
    {
        if (connection.IsAway == !isAway)
        {
            connection.IsAway = isAway;
            Change(connection, connections: 0, away: isAway ? 1 : -1);
        }
    }

    /// <returns>The next user who is no longer here, and when the user left.</returns>
    public (UserId User, DateTimeOffset LeftAt)? TakeDeparted()
    {
        while (_leaving.TryPeek(out var next) && clock.GetElapsedTime(next.LeftAt) is var away && away >= Grace)
        {
            _leaving.Dequeue();
            if (_users.TryGetValue(next.User, out var user) && user.Connections == 0 && user.LeftAt == next.LeftAt)
            {
                _users.Remove(next.User);
                return (next.User, clock.GetUtcNow() - away);
            }
        }

        return null;
    }

    private void Change(ClientConnection connection, int connections, int away)
    {
        ref var user = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, connection.Credentials.User, out _);
        user.Connections += connections;
        user.Away += away;
        if (user.Connections > 0)
        {
            user.Status = user.Away == user.Connections ? PresenceStatus.Away : PresenceStatus.Online;
        }
        else
        {
            user.LeftAt = clock.GetTimestamp();
            _leaving.Enqueue((connection.Credentials.User, user.LeftAt));
        }
    }

    private struct LocalUser
    {
        public int Connections;
        public int Away;
        public PresenceStatus Status;
        public long LeftAt;
    }
}
