namespace Chasqui.Server.Storage;

/// <summary>
/// The members of a conversation, with the error code that one gets who may not send; and the version of that state.
/// </summary>
internal sealed record Membership(IReadOnlyDictionary<UserId, string?> Refusals, long Version);

/// <summary>
/// What the writer knows of a conversation without a statement: where it stands, its members, and its newest events. Any thread
/// reads what is committed; only the writer thread calls the methods that say so.
/// </summary>
internal sealed partial class ConversationHead(ConversationId id)
{
    /// <summary>Settled messages that are kept: a page of history.</summary>
    private const int MaxSettled = 200;

    private const int MaxSettledCharacters = 64 * 1024;

    /// <summary>Memory of a head, of a member and of a message without its content, in bytes; about.</summary>
    private const int HeadBytes = 600;
    private const int MemberBytes = 80;
    private const int MessageBytes = 400;

    private readonly Lock _gate = new();

    /// <summary>
    /// All messages from the first one on, and all other events since the head was made; the settled ones first, those that are
    /// not committed last.
    /// </summary>
    private readonly List<StoredEvent> _newest = [];

    /// <summary>What the running transaction makes of some of them.</summary>
    private readonly Dictionary<long, StoredEvent> _changed = [];

    /// <summary>Of the messages that are not settled: their index has no row in the database.</summary>
    private readonly Dictionary<(UserId Sender, string Id), StoredEvent> _byClientMessageId = [];

    private int _committed;
    private int _settled;
    private long _characters;
    private Membership? _committedMembership;
    private long _committedSeq;
    private long _committedMessages;

    /// <summary>From here on all events are at hand, and not only messages.</summary>
    private long _allFrom = long.MaxValue;

    public ConversationId Id => id;

    /// <summary>For the writer: what the running transaction sees; <see langword="null"/> where it must be read.</summary>
    public Membership? Membership { get; private set; }

    /// <summary>For the writer, as the other positions: valid with <see cref="Membership"/>.</summary>
    public long LastSeq { get; private set; }

    public long MessageCount { get; private set; }

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

    /// <summary>How often messages that are stored were changed.</summary>
    public int Version { get; private set; }

    /// <summary>Whether it is known who its members are, and where it stands for one of them.</summary>
    /// <param name="user">The user.</param>
    /// <param name="extent">How long it is; <see langword="null"/> where the user is no member.</param>
    public bool TryFindExtent(UserId user, out LogExtent? extent)
    {
        lock (_gate)
        {
            extent = _committedMembership?.Refusals.ContainsKey(user) is true ? new(_committedSeq, _committedMessages) : null;
            return _committedMembership is not null;
        }
    }

    /// <summary>The committed messages from a <c>seq</c> on, upwards or downwards; none where that part is not at hand.</summary>
    /// <param name="seq">The first.</param>
    /// <param name="descending">The direction.</param>
    /// <param name="limit">The most messages.</param>
    /// <param name="maxCharacters">The most characters; one message always fits.</param>
    public List<StoredEvent> Messages(long seq, bool descending, int limit, int maxCharacters)
    {
        lock (_gate)
        {
            UsedAt = Environment.TickCount64;
            if (_committed == 0 || seq < _newest[0].Seq)
            {
                return [];
            }

            var next = FirstFrom(seq);
            var nearest = descending && (next == _newest.Count || _newest[next].Seq > seq) ? next - 1 : next;
            return Take(nearest, descending ? -1 : 1, _committed, limit, maxCharacters, messagesOnly: true);
        }
    }

    /// <summary>The committed events from a <c>seq</c> on; none where that part is not at hand.</summary>
    public List<StoredEvent> Events(long seq, int limit, int maxCharacters)
    {
        lock (_gate)
        {
            UsedAt = Environment.TickCount64;
            return seq < _allFrom ? [] : Take(FirstFrom(seq), 1, _committed, limit, maxCharacters, messagesOnly: false);
        }
    }

    /// <summary>A committed message, where it is at hand.</summary>
    public StoredEvent? Find(long seq)
    {
        lock (_gate)
        {
            return FirstFrom(seq) is var index && index < _committed && _newest[index].Seq == seq ? _newest[index] : null;
        }
    }

    /// <summary>A message, where it is at hand; for the writer as the running transaction sees it.</summary>
    public StoredEvent? Find(MessageId message, bool committedOnly)
    {
        lock (_gate)
        {
            var index = _newest.FindLastIndex(stored => stored.Message?.Id == message);
            return index < 0 || (committedOnly && index >= _committed) ? null
                : committedOnly ? _newest[index]
                : _changed.GetValueOrDefault(_newest[index].Seq, _newest[index]);
        }
    }

    /// <summary>The <c>seq</c> of the message with a number, where it is at hand.</summary>
    public long? SeqOf(long number)
    {
        lock (_gate)
        {
            return FirstFrom(number, stored => stored.Number) is var index && index < _committed
                && _newest[index] is { Message: not null } found && found.Number == number
                ? found.Seq
                : null;
        }
    }

    /// <summary>
    /// Keeps what was read from the table, where it is a page that ends where the messages begin that are at hand.
    /// </summary>
    /// <param name="page">Settled messages, the newest first.</param>
    /// <param name="version">The <see cref="Version"/> before it was read.</param>
    /// <returns>The bytes that it takes.</returns>
    public long Keep(IReadOnlyList<StoredEvent> page, int version)
    {
        lock (_gate)
        {
            var next = _newest.Find(stored => stored.Message is not null) is { } first ? first.Number - 1
                : _committedMembership is null ? 0
                : _committedMessages;
            if (page.Count == 0 || page[0].Number != next || version != Version)
            {
                return 0;
            }

            var (kept, characters) = (0, 0L);
            while (kept < page.Count && _settled + kept < MaxSettled && _characters + characters < MaxSettledCharacters)
            {
                characters += page[kept++].Characters;
            }

            _newest.InsertRange(0, page.Take(kept).Reverse());
            (_settled, _committed, _characters) = (_settled + kept, _committed + kept, _characters + characters);
            return SizeOf(members: 0, kept, characters);
        }
    }

    /// <summary>Text is held as UTF-16, and as JSON.</summary>
    public static long SizeOf(long members, long messages, long characters) =>
        (MemberBytes * members) + (MessageBytes * messages) + (3 * characters);

    /// <summary>The index of the first event that is not below a value of a key which rises with seq.</summary>
    private int FirstFrom(long value, Func<StoredEvent, long>? key = null)
    {
        var (low, high) = (0, _newest.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = (key is null ? _newest[middle].Seq : key(_newest[middle])) < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private List<StoredEvent> Take(int index, int step, int end, int limit, int maxCharacters, bool messagesOnly)
    {
        var found = new List<StoredEvent>();
        for (var characters = 0; index >= 0 && index < end && found.Count < limit; index += step)
        {
            var stored = _newest[index];
            if (messagesOnly && stored.Message is null)
            {
                continue;
            }

            characters += stored.Characters;
            if (characters > maxCharacters && found.Count > 0)
            {
                break;
            }

            found.Add(stored);
        }

        return found;
    }
}
