using Chasqui.Protocol;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

/// <summary>What one user may still ask for, on all connections and over REST together.</summary>
/// <param name="Messages">In units of <c>MessageContent.Units</c>.</param>
/// <param name="Memberships">In participants that are sent: those an event carries, times those whom it goes to.</param>
internal sealed record UserAllowance(Allowance Messages, Allowance Memberships)
{
    public bool IsWhole => Messages.IsWhole && Memberships.IsWhole;
}

/// <summary>
/// The allowances of users. One stays as long as its user has connections or it is not whole again: whoever comes back finds
/// it as it was. All others go now and then, so that the server does not remember everybody who was ever here.
/// </summary>
internal sealed class UserAllowances(IOptions<LimitOptions> options, TimeProvider clock)
{
    private const int FirstSweep = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, Entry> _byUser = [];
    private int _nextSweep = FirstSweep;

    /// <summary>For one request.</summary>
    /// <returns><see langword="null"/> where rates are not limited.</returns>
    public UserAllowance? Of(UserId user) => Find(user, connections: 0);

    /// <summary>For a connection, which keeps it until it calls <see cref="Release"/>.</summary>
    /// <returns><see langword="null"/> where rates are not limited.</returns>
    public UserAllowance? Hold(UserId user) => Find(user, connections: 1);

    public void Release(UserId user)
    {
        lock (_gate)
        {
            if (_byUser.TryGetValue(user, out var entry))
            {
                entry.Connections--;
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

        lock (_gate)
        {
            if (!_byUser.TryGetValue(user, out var entry))
            {
                SweepIfDue();
                entry = new Entry(new UserAllowance(
                    new Allowance(limits.MessagesPer10s, clock), new Allowance(limits.ParticipantsSentPer10s, clock)));
                _byUser.Add(user, entry);
            }

            entry.Connections += connections;
            return entry.Allowance;
        }
    }

    private void SweepIfDue()
    {
        if (_byUser.Count < _nextSweep)
        {
            return;
        }

        foreach (var (user, entry) in _byUser)
        {
            if (entry.Connections == 0 && entry.Allowance.IsWhole)
            {
                _byUser.Remove(user);
            }
        }

        _nextSweep = Math.Max(FirstSweep, 2 * _byUser.Count);
    }

    private sealed class Entry(UserAllowance allowance)
    {
        public UserAllowance Allowance => allowance;

        public int Connections { get; set; }
    }
}
