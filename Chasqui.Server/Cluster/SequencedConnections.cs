using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>
/// The connections of this server in one conversation: those that receive its live events, and those that join and still need
/// events before them. Used under the lock of the sequencer.
/// </summary>
internal sealed class SequencedConnections(ConversationId conversation, LocalFanOut local, ChatLifetimeManager connections)
{
    private readonly List<JoiningConnection> _joining = [];

    public bool IsEmpty => _joining.Count == 0 && !connections.IsAnybodyIn(conversation);

    /// <summary>Whether a user was removed since one of them joined: perhaps its user.</summary>
    public bool NeedMembers(long membershipVersion) => _joining.Exists(joining => joining.MembershipVersion < membershipVersion);

    /// <summary>A joining connection that missed what the others have received.</summary>
    public JoiningConnection? FindBehind(long next) => _joining.Find(joining => joining.Next < next);

    /// <summary>Begins to join. A connection that joins again continues where it is.</summary>
    public void Add(string connectionId, UserId user, StreamPosition position)
    {
        _joining.RemoveAll(joining => joining.Id == connectionId && joining.MembershipVersion < position.MembershipVersion);
        if (!connections.IsIn(connectionId, conversation) && !_joining.Exists(joining => joining.Id == connectionId))
        {
            _joining.Add(new JoiningConnection(connectionId, user, position));
        }
    }

    public void Remove(string connectionId)
    {
        _joining.RemoveAll(joining => joining.Id == connectionId);
        local.Leave(connectionId, conversation);
    }

    public void Remove(UserId user, long membershipVersion)
    {
        _joining.RemoveAll(joining => joining.User == user);
        local.Remove(user, conversation, membershipVersion);
    }

    /// <summary>
    /// Removes the connections whose user is no member. One that joins at this membership version or later stays: its user may
    /// have been added again after the members were read.
    /// </summary>
    public void RemoveAllBut(IReadOnlySet<UserId> members, long membershipVersion)
    {
        var old = _joining.Where(joining => joining.MembershipVersion < membershipVersion).ToList();
        old.ForEach(joining => joining.MembershipVersion = membershipVersion);
        foreach (var (connectionId, _) in connections.In(conversation).Concat(old.Select(joining => (joining.Id, joining.User)))
            .Where(connection => !members.Contains(connection.User)))
        {
            _joining.RemoveAll(joining => joining.Id == connectionId);
            connections.RemoveFromConversation(connectionId, conversation);
        }
    }

    /// <summary>Sends a joining connection the events below <paramref name="next"/> that it missed.</summary>
    /// <param name="behind">The connection. It may have left while they were read.</param>
    /// <param name="missed">A page of events from the first one that it missed; empty when it missed none.</param>
    /// <param name="next">The <c>seq</c> of the next live event.</param>
    public void Replay(JoiningConnection? behind, IReadOnlyList<IConversationEvent> missed, long next)
    {
        if (behind is null || !_joining.Contains(behind))
        {
            return;
        }

        foreach (var earlier in missed.Where(earlier => earlier.Seq < next))
        {
            local.Replay(behind.Id, earlier);
            behind.Next = earlier.Seq + 1;
        }

        behind.Next = missed.Count > 0 ? behind.Next : next;
    }

    /// <summary>Starts the live events of the joining connections for which <paramref name="next"/> is the first one.</summary>
    public void CompleteJoins(long next, long membershipVersion)
    {
        for (var i = _joining.Count - 1; i >= 0; i--)
        {
            if (_joining[i] is var joining && joining.MembershipVersion >= membershipVersion && joining.Next == next)
            {
                _joining.RemoveAt(i);
                local.Join(joining.Id, joining.User, conversation, default);
            }
        }
    }
}

internal sealed class JoiningConnection(string id, UserId user, StreamPosition position)
{
    public string Id => id;

    public UserId User => user;

    /// <summary>The <c>seq</c> of the first event that it still needs.</summary>
    public long Next { get; set; } = position.LastSeq + 1;

    /// <summary>When its user was last known to be a member (see <see cref="StreamPosition"/>).</summary>
    public long MembershipVersion { get; set; } = position.MembershipVersion;
}
