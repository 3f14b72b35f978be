using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;
using static Chasqui.Server.Cluster.SequencerPhase;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Puts the events of one conversation in order for the connections of this server. They come from this server's writer
/// and from other servers, in any order and with gaps. Connections receive them in the order of <c>seq</c>, without gaps, and
/// none that was stored after their user was removed.
/// </summary>
/// <remarks>
/// <para>A <c>seq</c> that is visible means that every lower <c>seq</c> is committed, so the database can fill every gap.</para>
/// <para>An event is delivered only after all removals that were committed before it were applied to the connections.</para>
/// <para>The lock comes before all others: the fan-out is called under it, takes its own and never waits. The database is read
/// without the lock.</para>
/// </remarks>
internal sealed class ConversationSequencer(
    ConversationId conversation, LocalFanOut local, ChatLifetimeManager connections, ConversationSequencers sequencers)
{
    /// <summary>Most gaps are filled by another server's event before the database could answer.</summary>
    private static readonly TimeSpan GapDelay = TimeSpan.FromMilliseconds(30);

    private readonly Lock _gate = new();
    private readonly PendingEvents _pending = new();
    private readonly SequencedConnections _connections = new(conversation, local, connections);
    private SequencerPhase _phase = Starting;

    /// <summary>The newest position that any server or the database has reported.</summary>
    private StreamPosition _latest;

    /// <summary>The <c>seq</c> of the next event to deliver.</summary>
    private long _next;

    /// <summary>The removals that have been applied to the connections here.</summary>
    private long _membershipVersion;

    private int _joinsBegun;

    public ConversationId Conversation => conversation;

    private bool CanDeliver => _phase is Live or ResyncDelayed or ResyncQueued && _membershipVersion >= _latest.MembershipVersion;

    private bool NeedsMembers => _latest.MembershipVersion > _membershipVersion || _connections.NeedMembers(_membershipVersion);

    /// <summary>The phase that the present gaps require.</summary>
    private SequencerPhase Required =>
        NeedsMembers || _connections.FindBehind(_next) is not null ? ResyncQueued
        : _latest.LastSeq >= _next ? ResyncDelayed
        : Live;

    /// <summary>Keeps the sequencer until <see cref="EndJoin"/>, unless it has ended.</summary>
    public bool TryBeginJoin()
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _joinsBegun);
            return _phase != Ended;
        }
    }

    public void EndJoin() => Interlocked.Decrement(ref _joinsBegun);

    /// <summary>This server or another one has committed something, or the database was read.</summary>
    public void OnEvent(in ReachedPosition committed)
    {
        lock (_gate)
        {
            RaiseLatest(committed.Position);
            if (committed.Event is IConversationEvent added && added.Seq >= _next)
            {
                if (added.Seq == _next && CanDeliver)
                {
                    Deliver(added);
                }
                else
                {
                    _pending.Add(added);
                }
            }

            Advance();
        }
    }

    /// <summary>See <see cref="IFanOut.Join"/>.</summary>
    public void Join(string connectionId, UserId user, StreamPosition position)
    {
        lock (_gate)
        {
            if (_phase == Starting)
            {
                (_phase, _next, _membershipVersion) = (Live, position.LastSeq + 1, position.MembershipVersion);
            }

            if (position.MembershipVersion > _membershipVersion)
            {
                // The user may have been removed and added again: what came between must not be delivered.
                local.Leave(connectionId, conversation);
            }

            _connections.Add(connectionId, user, position);
            RaiseLatest(position);
            if (_phase != Resyncing)
            {
                _connections.CompleteJoins(_next, _membershipVersion);
            }

            Advance();
        }
    }

    public void Leave(string connectionId)
    {
        lock (_gate)
        {
            _connections.Remove(connectionId);
        }
    }

    public void Remove(UserId user, long membershipVersion)
    {
        lock (_gate)
        {
            _connections.Remove(user, membershipVersion);
            _membershipVersion += membershipVersion == _membershipVersion + 1 ? 1 : 0;
            RaiseLatest(new StreamPosition(0, membershipVersion));
            Advance();
        }
    }

    /// <summary>Ends the sequencer, unless it has connections or reads.</summary>
    public bool TryEnd()
    {
        lock (_gate)
        {
            var isUsed = Volatile.Read(ref _joinsBegun) > 0 || _phase == Resyncing || !_connections.IsEmpty;
            _phase = isUsed ? _phase : Ended;
            return _phase == Ended;
        }
    }

    /// <summary>Reads what is missing, page by page. Does nothing while another call reads.</summary>
    public async Task ResyncAsync(SequencerStore store)
    {
        var read = TryBeginRead();
        while (read is not null)
        {
            SequencerPage? page = null;
            try
            {
                page = await store.ReadAsync(conversation, read.After, read.WithMembers, read.Behind?.Next - 1);
            }
            finally
            {
                read = EndRead(read, page) ? TryBeginRead() : null;
            }
        }
    }

    private Read? TryBeginRead()
    {
        lock (_gate)
        {
            if (_phase is Starting or Resyncing or Ended)
            {
                return null;
            }

            _phase = Required == Live ? Live : Resyncing;
            return _phase == Live ? null : new Read(_next - 1, NeedsMembers, _connections.FindBehind(_next), _latest);
        }
    }

    /// <returns>Whether the page filled something, and another one may fill more.</returns>
    private bool EndRead(Read read, SequencerPage? page)
    {
        lock (_gate)
        {
            _phase = Live;
            if (page is null)
            {
                // The read failed. The next position that is reported starts another one.
                return false;
            }

            // The database is right where it holds less than was reported: it may have been restored from a backup.
            _latest = _latest == read.Latest ? page.Position : _latest;
            RaiseLatest(page.Position);
            var before = (_next, _membershipVersion);
            if (page.Members is { } members)
            {
                _connections.RemoveAllBut(members, page.Position.MembershipVersion);
                _membershipVersion = Math.Max(_membershipVersion, page.Position.MembershipVersion);
            }

            // Events that are newer than the members wait: a user may have been removed between the two.
            if (_membershipVersion >= page.Position.MembershipVersion)
            {
                _connections.Replay(read.Behind, page.Missed, _next);
                foreach (var missing in page.Events.Where(next => next.Seq == _next && next.Seq <= page.Position.LastSeq))
                {
                    Deliver(missing);
                }
            }

            _connections.CompleteJoins(_next, _membershipVersion);
            DeliverPending();
            return read.Behind is not null || read.WithMembers || before != (_next, _membershipVersion) || NeedsMembers;
        }
    }

    private void RaiseLatest(StreamPosition position) => _latest = new StreamPosition(
        Math.Max(_latest.LastSeq, position.LastSeq), Math.Max(_latest.MembershipVersion, position.MembershipVersion));

    private void Deliver(IConversationEvent next)
    {
        local.Publish(next, _membershipVersion);
        _next++;
        _connections.CompleteJoins(_next, _membershipVersion);
    }

    private void DeliverPending()
    {
        while (CanDeliver && _pending.Take(_next) is { } next)
        {
            Deliver(next);
        }
    }

    /// <summary>Delivers the pending events that are next, and schedules a read where a gap is left.</summary>
    private void Advance()
    {
        DeliverPending();
        if (_phase != Starting && Required is var required && required > _phase)
        {
            _phase = required;
            sequencers.ScheduleResync(this, required == ResyncDelayed ? GapDelay : TimeSpan.Zero);
        }
    }

    /// <summary>A read of the events after a <c>seq</c>, and of those that a joining connection missed.</summary>
    private sealed record Read(long After, bool WithMembers, JoiningConnection? Behind, StreamPosition Latest);
}
