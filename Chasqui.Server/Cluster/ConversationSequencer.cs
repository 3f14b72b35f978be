using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>
/// The live messages of one conversation that somebody on this server has joined. Messages come from this server's writer and
/// from others', in any order and not all of them; they leave in the order of <c>seq</c>, without gaps, and to nobody who was
/// taken out of the conversation before they were stored. What is missing is read from the database: a <c>seq</c> that is
/// known means that everything below it is there.
/// </summary>
internal sealed class ConversationSequencer(ConversationId conversation, LocalFanOut local, ChatLifetimeManager connections, ConversationSequencers sequencers)
{
    /// <summary>Another server's message is mostly here before the database could answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(30);

    /// <summary>Messages that may wait for the one before them; more are read again when it is their turn.</summary>
    private const int MostEarly = 1_000;

    private const int MostEarlyCharacters = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, CommittedMessage> _early = [];
    private readonly List<Joiner> _joiners = [];
    private StreamPosition _known;
    private long _next;
    private long _membershipVersion;
    private int _earlyCharacters;
    private int _expected;
    private Urgency _asked;
    private bool _reading;
    private bool _ended;

    private enum Urgency
    {
        None,

        /// <summary>It may come by itself.</summary>
        Soon,

        Now,
    }

    public ConversationId Conversation => conversation;

    /// <summary>Whether somebody has joined, and <see cref="_next"/> is known.</summary>
    private bool IsLive => _next > 0;

    /// <returns><see langword="false"/> when it has ended, and another one takes its place.</returns>
    public bool TryExpect() => Do(() => _expected++);

    public void Expected() => Do(() => _expected--);

    /// <summary>A message was stored.</summary>
    public void OnCommitted(in CommittedMessage committed)
    {
        lock (_gate)
        {
            Know(new StreamPosition(committed.Message.Seq, committed.MembershipVersion));
            if (committed.Message.Seq == _next && IsSettled)
            {
                Deliver(committed.Message);
            }
            else if (committed.Message.Seq >= _next && _early.Count < MostEarly && _earlyCharacters < MostEarlyCharacters
                && _early.TryAdd(committed.Message.Seq, committed))
            {
                _earlyCharacters += committed.Message.Content.Length;
            }

            Advance();
        }
    }

    /// <summary>Somebody has read where the conversation stands.</summary>
    public void OnPosition(StreamPosition position) => Do(() =>
    {
        Know(position);
        Advance();
    });

    /// <summary>See <see cref="IFanOut.Join"/>; the feed does not end while somebody is expected.</summary>
    public void Join(string connectionId, UserId user, StreamPosition position) => Do(() =>
    {
        if (!IsLive)
        {
            (_next, _membershipVersion) = (position.LastSeq + 1, position.MembershipVersion);
        }

        // Whoever joins again simply goes on; but one who may have been taken out since, and has come back, begins anew.
        if (position.MembershipVersion > _membershipVersion)
        {
            local.Leave(connectionId, conversation);
        }

        _joiners.RemoveAll(joiner => joiner.ConnectionId == connectionId && joiner.MembershipVersion < position.MembershipVersion);
        if (!connections.IsIn(connectionId, conversation) && !_joiners.Exists(joiner => joiner.ConnectionId == connectionId))
        {
            _joiners.Add(new Joiner(connectionId, user, position.LastSeq + 1, position.MembershipVersion));
        }

        Know(position);
        Admit();
        Advance();
    });

    public void Leave(string connectionId) => Do(() =>
    {
        _joiners.RemoveAll(joiner => joiner.ConnectionId == connectionId);
        local.Leave(connectionId, conversation);
    });

    public void Remove(UserId user, long membershipVersion) => Do(() =>
    {
        _joiners.RemoveAll(joiner => joiner.User == user);
        local.Remove(user, conversation, membershipVersion);
        if (membershipVersion == _membershipVersion + 1)
        {
            _membershipVersion = membershipVersion;
        }

        Know(new StreamPosition(0, membershipVersion));
        Advance();
    });

    /// <summary>Ends it when nobody is left who would get anything.</summary>
    public bool TryEnd()
    {
        lock (_gate)
        {
            return _ended = _ended || (_expected == 0 && _joiners.Count == 0 && !_reading && !connections.IsAnybodyIn(conversation));
        }
    }

    /// <summary>Reads what is missing, until nothing is. One reads at a time; what is heard meanwhile waits.</summary>
    public async Task ReadAsync(SequencerStore store)
    {
        var hasHelped = true;
        while (hasHelped && TryBeginReading() is { } need)
        {
            SequencerPage? page = null;
            IReadOnlyList<Message> missed = [];
            try
            {
                page = await store.ReadAsync(conversation, need.After, need.Members);
                missed = need.Behind is null ? [] : await store.MessagesAsync(conversation, need.Behind.Next - 1);
            }
            finally
            {
                hasHelped = EndReading(need, page, missed);
            }
        }
    }

    /// <summary>Whether members and readers are as they have to be for the next message.</summary>
    private bool IsSettled => IsLive && !_reading && _membershipVersion >= _known.MembershipVersion;

    /// <summary>How soon the database has to be asked.</summary>
    private Urgency Need =>
        !IsLive ? Urgency.None
        : NeedsMembers || _joiners.Exists(joiner => joiner.Next < _next) ? Urgency.Now
        : _known.LastSeq >= _next ? Urgency.Soon
        : Urgency.None;

    /// <summary>Whether somebody was taken out since it was looked who is a member: perhaps somebody who is here.</summary>
    private bool NeedsMembers => _known.MembershipVersion > _membershipVersion || _joiners.Exists(joiner => joiner.MembershipVersion < _membershipVersion);

    private Reading? TryBeginReading()
    {
        lock (_gate)
        {
            _asked = Urgency.None;
            if (_ended || _reading || Need == Urgency.None)
            {
                return null;
            }

            _reading = true;
            return new Reading(
                _next - 1,
                NeedsMembers,
                _joiners.Find(joiner => joiner.Next < _next),
                _known);
        }
    }

    /// <returns>Whether it has helped, and may do so again.</returns>
    private bool EndReading(Reading need, SequencerPage? page, IReadOnlyList<Message> missed)
    {
        lock (_gate)
        {
            _reading = false;
            if (page is null)
            {
                // The database does not answer; it is asked again as long as there is a doubt.
                return false;
            }

            // What is known comes from the database; if it knows less now, it is another one's backup.
            _known = _known == need.Known ? page.Position : _known;
            Know(page.Position);
            var before = (_next, _membershipVersion);
            if (page.Members is { } members)
            {
                Check(members, page.Position.MembershipVersion);
            }

            // With messages that are newer than the membership somebody could come in between.
            if (_membershipVersion >= page.Position.MembershipVersion)
            {
                ResyncService(need.Behind, missed);
                foreach (var message in page.Messages.Where(message => message.Seq == _next && message.Seq <= page.Position.LastSeq))
                {
                    Deliver(message);
                }
            }

            Admit();
            Advance(isReading: true);
            return need.Behind is not null || need.Members || before != (_next, _membershipVersion) || NeedsMembers;
        }
    }

    /// <summary>Sends what was said before a connection joined, and after the place from which it has to go on.</summary>
    private void ResyncService(Joiner? behind, IReadOnlyList<Message> missed)
    {
        var place = behind is null ? -1 : _joiners.IndexOf(behind);
        // It may have left meanwhile, or been taken out.
        if (place < 0)
        {
            return;
        }

        var last = behind!.Next - 1;
        foreach (var message in missed.Where(message => message.Seq < _next))
        {
            local.Replay(behind.ConnectionId, message);
            last = message.Seq;
        }

        _joiners[place] = behind with { Next = missed.Count > 0 ? last + 1 : _next };
    }

    /// <summary>
    /// Forgets the connections of whoever is no member any more. Not those that were looked at as late as the members were read,
    /// or later: their user may have been taken out before, and have come back.
    /// </summary>
    private void Check(IReadOnlySet<UserId> members, long membershipVersion)
    {
        foreach (var (connectionId, _) in connections.In(conversation)
            .Concat(_joiners.Where(joiner => joiner.MembershipVersion < membershipVersion).Select(joiner => (joiner.ConnectionId, joiner.User)))
            .Where(connection => !members.Contains(connection.User))
            .ToList())
        {
            _joiners.RemoveAll(joiner => joiner.ConnectionId == connectionId);
            connections.RemoveFromConversation(connectionId, conversation);
        }

        for (var i = 0; i < _joiners.Count; i++)
        {
            _joiners[i] = _joiners[i] with { MembershipVersion = Math.Max(_joiners[i].MembershipVersion, membershipVersion) };
        }

        _membershipVersion = Math.Max(_membershipVersion, membershipVersion);
    }

    private void Know(StreamPosition position) => _known = new StreamPosition(
        Math.Max(_known.LastSeq, position.LastSeq), Math.Max(_known.MembershipVersion, position.MembershipVersion));

    private void Deliver(Message message)
    {
        local.Publish(message, _membershipVersion);
        _next++;
        Admit();
    }

    /// <summary>Lets those into the conversation whose next message is its next one; nobody while it is read who is a member.</summary>
    private void Admit()
    {
        for (var i = _joiners.Count - 1; i >= 0 && !_reading; i--)
        {
            if (_joiners[i] is var joiner && joiner.MembershipVersion >= _membershipVersion && joiner.Next == _next)
            {
                _joiners.RemoveAt(i);
                local.Join(joiner.ConnectionId, joiner.User, conversation, default);
            }
        }
    }

    /// <summary>Delivers what has waited for its turn, and asks for what is missing.</summary>
    /// <param name="isReading">Whether the caller goes on reading anyway.</param>
    private void Advance(bool isReading = false)
    {
        while (IsSettled && _early.Count > 0 && _early.First() is var (seq, first) && seq <= _next)
        {
            _early.Remove(seq);
            _earlyCharacters -= first.Message.Content.Length;
            if (seq == _next)
            {
                Deliver(first.Message);
            }
        }

        if (!isReading && !_reading && Need is var need && need > _asked)
        {
            _asked = need;
            sequencers.ReadSoon(this, need == Urgency.Soon ? Patience : TimeSpan.Zero);
        }
    }

    private bool Do(Action action)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                action();
            }

            return !_ended;
        }
    }

    /// <summary>A connection that is about to join.</summary>
    /// <param name="ConnectionId">The connection.</param>
    /// <param name="User">Whose it is.</param>
    /// <param name="Next">The first message that it still has to get.</param>
    /// <param name="MembershipVersion">See <see cref="StreamPosition"/>, when its user was a member.</param>
    private sealed record Joiner(string ConnectionId, UserId User, long Next, long MembershipVersion);

    /// <summary>What is read.</summary>
    /// <param name="After">The newest message that was delivered.</param>
    /// <param name="Members">Whether it has to be seen who is still a member.</param>
    /// <param name="Behind">Somebody who has missed what others have got already.</param>
    /// <param name="Known">What was known when the reading began.</param>
    private sealed record Reading(long After, bool Members, Joiner? Behind, StreamPosition Known);
}
