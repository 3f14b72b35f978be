namespace Chasqui.Server.Storage;

/// <summary>The members of a conversation, with the error code that one gets who may not send; and the version of that state.</summary>
internal sealed record Membership(IReadOnlyDictionary<UserId, string?> Refusals, long Version);

/// <summary>
/// What the writer knows of a conversation without a statement: where it stands, its members, and its newest messages. Any thread
/// reads what is committed; only the writer thread calls the methods that say so.
/// </summary>
internal sealed class ConversationHead(ConversationId id)
{
    /// <summary>Settled messages that are kept: a page of history.</summary>
    private const int MaxSettled = 200;

    private const int MaxSettledCharacters = 64 * 1024;

    /// <summary>Memory of a head, of a member and of a message without its content, in bytes; about.</summary>
    private const int HeadBytes = 600;
    private const int MemberBytes = 80;
    private const int MessageBytes = 400;

    private readonly Lock _gate = new();

    /// <summary>Dense, up to the newest; the settled ones first, those that are not committed last.</summary>
    private readonly List<StoredMessage> _newest = [];

    /// <summary>Of the messages that are not settled: their index has no row in the database.</summary>
    private readonly Dictionary<(UserId Sender, string Id), StoredMessage> _byClientMessageId = [];

    private int _committed;
    private int _settled;
    private long _characters;
    private Membership? _committedMembership;
    private long _committedSeq;

    public ConversationId Id => id;

    /// <summary>For the writer: what the running transaction sees; <see langword="null"/> where it must be read.</summary>
    public Membership? Membership { get; private set; }

    /// <summary>For the writer, as the other positions: valid with <see cref="Membership"/>.</summary>
    public long LastSeq { get; private set; }

    public long UpdatedAt { get; private set; }

    /// <summary>For the writer: whether the database has older positions than these.</summary>
    public bool IsAhead { get; private set; }

    /// <summary>When it was last used; see <see cref="Environment.TickCount64"/>.</summary>
    public long UsedAt { get; private set; }

    /// <summary>For the writer: the committed messages that are not settled.</summary>
    public int Unsettled
    {
        get
        {
            lock (_gate)
            {
                return _committed - _settled;
            }
        }
    }

    /// <summary>About how much memory it takes, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return HeadBytes + SizeOf((Membership ?? _committedMembership)?.Refusals.Count ?? 0, _newest.Count, _characters);
            }
        }
    }

    /// <summary>Whether it is known who its members are, and where it stands for one of them.</summary>
    /// <param name="user">The user.</param>
    /// <param name="lastSeq">The newest <c>seq</c>; <see langword="null"/> where the user is no member.</param>
    public bool TryFindLastSeq(UserId user, out long? lastSeq)
    {
        lock (_gate)
        {
            lastSeq = _committedMembership?.Refusals.ContainsKey(user) is true ? _committedSeq : null;
            return _committedMembership is not null;
        }
    }

    /// <summary>The committed messages from one on, upwards or downwards; none where that one is not at hand.</summary>
    /// <param name="seq">The first.</param>
    /// <param name="descending">The direction.</param>
    /// <param name="limit">The most messages.</param>
    /// <param name="maxCharacters">The most characters; one message always fits.</param>
    public List<StoredMessage> From(long seq, bool descending, int limit, int maxCharacters)
    {
        lock (_gate)
        {
            UsedAt = Environment.TickCount64;
            return From(seq, descending, limit, maxCharacters, _committed);
        }
    }

    /// <summary>Keeps what was read from the table, where it is a page that ends where the messages begin that are at hand.</summary>
    /// <param name="page">Settled messages, the newest first.</param>
    /// <returns>The bytes that it takes.</returns>
    public long Keep(IReadOnlyList<StoredMessage> page)
    {
        lock (_gate)
        {
            var next = _newest.Count > 0 ? _newest[0].Seq - 1 : _committedMembership is null ? 0 : _committedSeq;
            if (page.Count == 0 || page[0].Seq != next)
            {
                return 0;
            }

            var (kept, characters) = (0, 0L);
            while (kept < page.Count && _settled + kept < MaxSettled && _characters + characters < MaxSettledCharacters)
            {
                characters += page[kept++].Message.Content.Length;
            }

            _newest.InsertRange(0, page.Take(kept).Reverse());
            (_settled, _committed, _characters) = (_settled + kept, _committed + kept, _characters + characters);
            return SizeOf(members: 0, kept, characters);
        }
    }

    /// <summary>For the writer: takes what was read in the running transaction.</summary>
    public void Load(Membership membership, long lastSeq, long updatedAt) =>
        (Membership, LastSeq, UpdatedAt) = (membership, lastSeq, updatedAt);

    /// <summary>For the writer: the next use must read the members and the positions.</summary>
    public void Unload() => Membership = null;

    /// <summary>For the writer.</summary>
    public StoredMessage? FindUnsettled(UserId sender, string clientMessageId) =>
        _byClientMessageId.GetValueOrDefault((sender, clientMessageId));

    /// <summary>For the writer, as <see cref="From(long, bool, int, int)"/>, with what the running transaction has stored.</summary>
    public List<StoredMessage> FromUncommitted(long seq, int limit, int maxCharacters)
    {
        lock (_gate)
        {
            return From(seq, descending: false, limit, maxCharacters, _newest.Count);
        }
    }

    /// <summary>For the writer: adds a message that the running transaction has stored.</summary>
    public void Append(StoredMessage message)
    {
        lock (_gate)
        {
            _newest.Add(message);
            _characters += message.Message.Content.Length;
            if (message.ClientMessageId is { } clientMessageId)
            {
                _byClientMessageId[(message.Message.SenderId, clientMessageId)] = message;
            }

            (LastSeq, UpdatedAt) = (message.Seq, message.Message.CreatedAt.ToUnixTimeMilliseconds());
            IsAhead = true;
        }
    }

    /// <summary>For the writer: the positions are in the database.</summary>
    public void OnFlushed() => IsAhead = false;

    /// <summary>For the writer, at a commit.</summary>
    public void OnCommitted()
    {
        lock (_gate)
        {
            UsedAt = Environment.TickCount64;
            (_committed, _committedMembership, _committedSeq) = (_newest.Count, Membership, LastSeq);
        }
    }

    /// <summary>For the writer, at a rollback.</summary>
    public void OnRolledBack()
    {
        lock (_gate)
        {
            (Membership, IsAhead) = (null, false);
            Forget(_newest[_committed..]);
            _newest.RemoveRange(_committed, _newest.Count - _committed);
        }
    }

    /// <summary>For the writer: the oldest committed messages that are not settled.</summary>
    public List<StoredMessage> OldestUnsettled(int limit)
    {
        lock (_gate)
        {
            return _newest.GetRange(_settled, Math.Min(limit, _committed - _settled));
        }
    }

    /// <summary>For the writer: as many of them are settled.</summary>
    public void OnSettled(int count)
    {
        lock (_gate)
        {
            Forget(_newest[_settled..(_settled + count)], settled: true);
            _settled += count;
            var surplus = 0;
            for (var kept = _characters; surplus < _settled && (_settled - surplus > MaxSettled || kept > MaxSettledCharacters); surplus++)
            {
                kept -= _newest[surplus].Message.Content.Length;
            }

            RemoveSettled(surplus);
        }
    }

    /// <summary>For the writer: keeps only what cannot be read from the tables fast.</summary>
    public void Shrink()
    {
        lock (_gate)
        {
            (Membership, _committedMembership) = (null, null);
            RemoveSettled(_settled);
        }
    }

    /// <summary>Text is held as UTF-16, and as JSON.</summary>
    public static long SizeOf(long members, long messages, long characters) =>
        (MemberBytes * members) + (MessageBytes * messages) + (3 * characters);

    private List<StoredMessage> From(long seq, bool descending, int limit, int maxCharacters, int end)
    {
        var found = new List<StoredMessage>();
        var (index, step) = (end == 0 ? -1 : seq - _newest[0].Seq, descending ? -1 : 1);
        for (var characters = 0; index >= 0 && index < end && found.Count < limit; index += step)
        {
            var message = _newest[(int)index];
            characters += message.Message.Content.Length;
            if (characters > maxCharacters && found.Count > 0)
            {
                break;
            }

            found.Add(message);
        }

        return found;
    }

    private void RemoveSettled(int count)
    {
        _characters -= _newest.Take(count).Sum(message => message.Message.Content.Length);
        _newest.RemoveRange(0, count);
        (_settled, _committed) = (_settled - count, _committed - count);
    }

    private void Forget(List<StoredMessage> messages, bool settled = false)
    {
        foreach (var message in messages)
        {
            _characters -= settled ? 0 : message.Message.Content.Length;
            if (message.ClientMessageId is { } clientMessageId)
            {
                _byClientMessageId.Remove((message.Message.SenderId, clientMessageId));
            }
        }
    }
}
