namespace Chasqui.Server.Limits;

/// <summary>What one user may do, over all connections and REST together.</summary>
/// <param name="Frames">In frames of all connections; each has a lower limit of its own.</param>
/// <param name="Messages">In units of <c>MessageContent.Units</c>.</param>
/// <param name="Stored">In bytes of messages, groups and memberships.</param>
/// <param name="Memberships">In participants that are sent: those of an event, times its recipients.</param>
/// <param name="Added">In members.</param>
/// <param name="Work">In units of <see cref="FixedLimits.WorkPer10s"/>.</param>
/// <param name="Lists">The same for lists, which go on more slowly past it.</param>
internal sealed record UserAllowance(
    Allowance Frames, Allowance Messages, Allowance Stored, Allowance Memberships, Allowance Added, Allowance Work,
    Allowance Lists)
{
    public bool IsFull =>
        Frames.IsFull && Messages.IsFull && Stored.IsFull && Memberships.IsFull && Added.IsFull && Work.IsFull && Lists.IsFull;
}

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
            entry.Allowance ??= New(limits);
            entry.Connections += connections;
            return entry.Allowance;
        }
    }

    private UserAllowance New(LimitOptions limits) => new(
        Frames: new Allowance(FixedLimits.FramesOfUser * (long)limits.FramesPer10s, FixedLimits.TenSeconds, clock),
        Messages: new Allowance(limits.MessagesPer10s, FixedLimits.TenSeconds, clock),
        Stored: new Allowance(limits.StoredMiBPerDay * 1024L * 1024, TimeSpan.FromDays(1), clock),
        Memberships: new Allowance(participantsPer10s, FixedLimits.TenSeconds, clock),
        Added: new Allowance(limits.AddedMembersPerHour, TimeSpan.FromHours(1), clock),
        Work: new Allowance(FixedLimits.WorkPer10s, FixedLimits.TenSeconds, clock),
        Lists: new Allowance(FixedLimits.WorkPer10s, FixedLimits.TenSeconds, clock));

    private void Sweep()
    {
        foreach (var (user, (allowance, connections)) in _byUser)
        {
            if (connections == 0 && allowance.IsFull)
            {
                _byUser.Remove(user);
            }
        }

        _nextSweep = Math.Max(FirstSweep, 2 * _byUser.Count);
    }
}
