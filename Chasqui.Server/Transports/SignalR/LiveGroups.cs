using System.Runtime.InteropServices;
using Chasqui.Server.Delivery;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// Which connections get what is said to a group. SignalR's own groups write to each member through its hub connection, which
/// costs as much again as the WebSocket below it.
/// </summary>
internal sealed class LiveGroups
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Group> _groups = [];
    private readonly Dictionary<string, Member> _members = [];

    public void Connect(HubConnectionContext connection)
    {
        lock (_gate)
        {
            _members.Add(connection.ConnectionId, new Member(connection));
        }
    }

    public void Disconnect(HubConnectionContext connection)
    {
        lock (_gate)
        {
            if (_members.Remove(connection.ConnectionId, out var member))
            {
                foreach (var name in member.Groups)
                {
                    Remove(member, name);
                }
            }
        }
    }

    /// <summary>Does nothing for a connection that is gone.</summary>
    public void Add(string connectionId, string name)
    {
        lock (_gate)
        {
            if (_members.TryGetValue(connectionId, out var member) && !member.Groups.Contains(name))
            {
                member.Groups.Add(name);
                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, name, out _);
                (group ??= new Group()).Add(member);
            }
        }
    }

    /// <summary>Does nothing for a connection that is gone, or not in the group.</summary>
    public void Remove(string connectionId, string name)
    {
        lock (_gate)
        {
            if (_members.TryGetValue(connectionId, out var member) && member.Groups.Remove(name))
            {
                Remove(member, name);
            }
        }
    }

    /// <returns>A connection, or <see langword="null"/> when it is gone.</returns>
    public Member? Find(string connectionId)
    {
        lock (_gate)
        {
            return _members.GetValueOrDefault(connectionId);
        }
    }

    /// <summary>Whether a connection is in a group.</summary>
    public bool IsIn(string connectionId, string name)
    {
        lock (_gate)
        {
            return _members.TryGetValue(connectionId, out var member) && member.Groups.Contains(name);
        }
    }

    /// <summary>How many groups with such a name somebody is in.</summary>
    public int Count(Func<string, bool> name)
    {
        lock (_gate)
        {
            return _groups.Keys.Count(name);
        }
    }

    /// <summary>The members of a group at this moment.</summary>
    public Member[] Of(string name)
    {
        lock (_gate)
        {
            return _groups.TryGetValue(name, out var group) ? group.Members : [];
        }
    }

    private void Remove(Member member, string name)
    {
        var group = _groups[name];
        group.Remove(member);
        if (group.IsEmpty)
        {
            _groups.Remove(name);
        }
    }

    /// <summary>A connection that can be in groups.</summary>
    public sealed class Member(HubConnectionContext connection)
    {
        public HubConnectionContext Connection => connection;

        public ConnectionOutput Output { get; } = connection.Features.Get<ClientConnection>()!.Output;

        /// <summary>The names of its groups; most connections are in very few.</summary>
        public List<string> Groups { get; } = new(capacity: 1);
    }

    private sealed class Group
    {
        private readonly HashSet<Member> _members = new(capacity: 1);
        private Member[]? _snapshot;

        public bool IsEmpty => _members.Count == 0;

        public Member[] Members => _snapshot ??= [.. _members];

        public void Add(Member member)
        {
            _members.Add(member);
            _snapshot = null;
        }

        public void Remove(Member member)
        {
            _members.Remove(member);
            _snapshot = null;
        }
    }
}
