namespace Chasqui.Server.Limits;

/// <summary>The rates of one user, over all connections and REST together.</summary>
/// <param name="Messages">In units of <c>MessageContent.Units</c>.</param>
/// <param name="Memberships">In participants that are sent: those of an event, times its recipients.</param>
internal sealed record UserAllowance(Allowance Messages, Allowance Memberships);

/// <summary>
/// Keeps the allowance of a user while the user has a connection or the allowance is not full, so that a reconnect does not
/// refill it. The others are removed each time their number has doubled.
/// </summary>
internal sealed class UserAllowances(
    IOptions<LimitOptions> options, TimeProvider clock, int participantsPer10s = FixedLimits.ParticipantsSentPer10s)
{
    private const int FirstSweep = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<UserId, (UserAllowance Allowance, int Connections)> _byUser = [];
    private int _nextSweep = FirstSweep;

    /// <summary>For one request.</summary>
    /// <returns><see langword="null"/> where rates are not limited.</returns>
    public UserAllowance? Of(UserId user) => Find(user, connections: 0);

    /// <summary>For a connection, which calls <see cref="Release"/> at its end.</summary>
    /// <returns><see langword="null"/> where rates are not limited.</returns>
    public UserAllowance? Hold(UserId user) => Find(user, connections: 1);

    public void Release(UserId user)
    {
        lock (_lock)
        {
            if (_byUser.ContainsKey(user))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_byUser, user, out _).Connections--;
            }
        }
    }

    private UserAllowance? Find(UserId user, int connections)
    {
        var limits = options.Value;
        if (!limits.Enabled)
        {
            return null;
        }

        lock (_lock)
        {
            if (_byUser.Count >= _nextSweep)
            {
                Sweep();
            }

            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, user, out _);
            entry.Allowance ??= new UserAllowance(new Allowance(limits.MessagesPer10s, clock), new Allowance(participantsPer10s, clock));
            entry.Connections += connections;
            return entry.Allowance;
        }
    }

    private void Sweep()
    {
        foreach (var (user, (allowance, connections)) in _byUser)
        {
            if (connections == 0 && allowance.Messages.IsFull && allowance.Memberships.IsFull)
            {
                _byUser.Remove(user);
            }
        }

        _nextSweep = Math.Max(FirstSweep, 2 * _byUser.Count);
    }
}
