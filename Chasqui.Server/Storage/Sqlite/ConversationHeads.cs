using Microsoft.Data.Sqlite;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// The heads of the conversations in use, and of all that have messages which are not settled. Only the writer's transactions
/// change them: what a transaction changes is for readers when it has committed, and gone when it has not. Triggers tell which
/// conversations other statements change, and SQLite when another process has written to the file.
/// </summary>
/// <remarks>
/// New messages of all conversations are appended to <c>recent_messages</c>, in few pages and without an index. They settle,
/// many of one conversation at once, in <c>settled_messages</c>, where a page of history stands together.
/// </remarks>
internal sealed class ConversationHeads
{
    private const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Messages and characters that wait to be settled. With more, more messages of one conversation settle together.
    /// </summary>
    private const int KeptUnsettled = 8_000;
    private const long KeptCharacters = 1024 * 1024;

    /// <summary>The most messages and characters that settle in one commit: more than usually come in one.</summary>
    private const int MaxSettled = 250;
    private const long MaxSettledCharacters = 1024 * 1024;

    private const string ChangedFunction = "conversation_changed";

    private static readonly string TriggersSql = string.Join('\n', new[]
    {
        ("participants", "INSERT", "NEW.conversation_id"),
        ("participants", "UPDATE OF refusal", "NEW.conversation_id"),
        ("participants", "DELETE", "OLD.conversation_id"),
        ("conversations", "UPDATE OF membership_version", "NEW.id"),
        ("conversations", "DELETE", "OLD.id"),
    }.Select((change, number) => $"""
        CREATE TEMP TRIGGER head_{number} AFTER {change.Item2} ON main.{change.Item1}
        BEGIN SELECT {ChangedFunction}({change.Item3}); END;
        """));

    private const string VersionSql = "PRAGMA data_version";

    /// <summary>What the running transaction has used or changed.</summary>
    private readonly HashSet<ConversationHead> _touched = [];
    private readonly List<(ConversationHead Head, List<StoredEvent> Messages)> _settling = [];

    /// <summary>
    /// The newest message of each sender that the running transaction has stored: a sender has read what was there.
    /// </summary>
    private readonly Dictionary<(ConversationHead Head, UserId Sender), StoredEvent> _sent = [];
    private Backlog _appended;

    private volatile ConcurrentDictionary<ConversationId, ConversationHead> _heads = [];

    /// <summary>The heads with messages that are not settled, the one first that has waited longest.</summary>
    private readonly Queue<ConversationHead> _unsettled = [];
    private Backlog _backlog;

    /// <summary>Of the newest message, also of one that was rolled back.</summary>
    private long _position;
    private long _version;
    private bool _isOutdated;
    private long _bytes;

    /// <summary>For any thread.</summary>
    public ConversationHead? Find(ConversationId conversation) => _heads.GetValueOrDefault(conversation);

    /// <summary>For any thread. See <see cref="ConversationHead.Keep"/>.</summary>
    public void Keep(ConversationHead head, IReadOnlyList<StoredEvent> page, int version)
    {
        if (Interlocked.Read(ref _bytes) < MaxBytes)
        {
            Interlocked.Add(ref _bytes, head.Keep(page, version));
        }
    }

    /// <summary>Begins to watch the write connection. The rest is for the writer thread.</summary>
    public void Open(SqliteWriteSession session)
    {
        ((SqliteConnection)session.Connection()).CreateFunction<byte[], long>(ChangedFunction, id =>
        {
            OnChanged(new ConversationId(StorageTypes.ToUuid(id)));
            return 0;
        });
        session.Connection().Execute(TriggersSql);
        Reload(session);
    }

    /// <summary>Called when a transaction has begun.</summary>
    public void OnBegun(SqliteWriteSession session)
    {
        if (_isOutdated || Version(session) != _version)
        {
            Reload(session);
        }
    }

    /// <summary>Reads a conversation, where it is not at hand.</summary>
    /// <returns><see langword="null"/> if there is none.</returns>
    public ConversationHead? Load(SqliteWriteSession session, ConversationId conversation)
    {
        var head = Find(conversation);
        if (head?.Membership is not null)
        {
            _touched.Add(head);
            return head;
        }

        (long Seq, long Messages, long UpdatedAt, long Version)? position = null;
        session.Statement(HeadStatements.Position).Bind(1, conversation.Value)
            .Run(row => position = (row.Number(0), row.Number(1), row.Number(2), row.Number(3)));
        if (position is not { } found)
        {
            return null;
        }

        var refusals = new Dictionary<UserId, string?>();
        session.Statement(HeadStatements.Members).Bind(1, conversation.Value)
            .Run(row => refusals.Add(new UserId(row.Uuid(0)), row.Text(1)));
        head ??= _heads[conversation] = new ConversationHead(conversation);
        head.Load(new Membership(refusals, found.Version), found.Seq, found.Messages, found.UpdatedAt);
        _touched.Add(head);
        Interlocked.Add(ref _bytes, head.Bytes);
        return head;
    }

    /// <summary>Of the next message.</summary>
    public long NextPosition() => ++_position;

    public void Append(ConversationHead head, StoredEvent added, long createdAt)
    {
        head.Append(added, createdAt);
        if (added.Message is { } message)
        {
            _sent[(head, message.SenderId)] = added;
        }

        _appended += Backlog.Of(added);
    }

    /// <summary>Before other statements read the conversations or change them.</summary>
    public void Flush(SqliteWriteSession session)
    {
        foreach (var head in _touched)
        {
            if (head.IsAhead)
            {
                session.Statement(HeadStatements.Flush)
                    .Bind(1, head.LastSeq).Bind(2, head.MessageCount).Bind(3, head.UpdatedAt).Bind(4, head.Id.Value).Run();
                head.OnFlushed();
            }
        }

        foreach (var ((head, sender), newest) in _sent)
        {
            session.Statement(HeadStatements.Mark)
                .Bind(1, newest.Seq).Bind(2, newest.Number).Bind(3, head.Id.Value).Bind(4, sender.Value).Run();
        }

        _sent.Clear();
    }

    /// <summary>
    /// Settles about as many messages as were stored: no commit waits long for it, and the backlog does not grow.
    /// </summary>
    public void Settle(SqliteWriteSession session)
    {
        var surplus = _backlog + _appended - new Backlog(KeptUnsettled, KeptCharacters);
        var room = new Backlog(Math.Max(MaxSettled, 2 * _appended.Messages), Math.Max(MaxSettledCharacters, 2 * _appended.Characters));
        foreach (var head in _unsettled)
        {
            if (!surplus.HasAny || !room.HasAll)
            {
                break;
            }

            var settled = head.OldestUnsettled((int)room.Messages);
            foreach (var message in settled)
            {
                // Other events stand in their table already.
                if (message.Message is not null)
                {
                    session.Statement(HeadStatements.Settle).Bind(1, message.Position).Run();
                    session.Statement(HeadStatements.Delete).Bind(1, message.Position).Run();
                }

                (surplus, room) = (surplus - Backlog.Of(message), room - Backlog.Of(message));
            }

            _settling.Add((head, settled));
        }
    }

    /// <summary>
    /// A commit that fails may nevertheless be in the file: without <see cref="OnCommitted"/> it is read again.
    /// </summary>
    public void OnCommitting() => _isOutdated = true;

    /// <summary>Shows readers what was committed, before it is acknowledged.</summary>
    public void OnCommitted()
    {
        _isOutdated = false;
        foreach (var head in _touched)
        {
            var hadUnsettled = head.Unsettled > 0;
            _backlog += new Backlog(0, head.OnCommitted());
            if (!hadUnsettled && head.Unsettled > 0)
            {
                _unsettled.Enqueue(head);
            }
        }

        _backlog += _appended;
        Interlocked.Add(ref _bytes, _appended.Bytes);
        foreach (var (head, messages) in _settling)
        {
            _unsettled.Dequeue();
            head.OnSettled(messages.Count);
            _backlog = messages.Aggregate(_backlog, (backlog, message) => backlog - Backlog.Of(message));
            if (head.Unsettled > 0)
            {
                _unsettled.Enqueue(head);
            }
        }

        EndTransaction();
        if (Interlocked.Read(ref _bytes) > MaxBytes)
        {
            Evict();
        }
    }

    public void OnRolledBack()
    {
        foreach (var head in _touched)
        {
            head.OnRolledBack();
        }

        EndTransaction();
    }

    private static long Version(SqliteWriteSession session)
    {
        var version = 0L;
        session.Statement(VersionSql).Run(row => version = row.Number(0));
        return version;
    }

    private void EndTransaction()
    {
        _touched.Clear();
        _sent.Clear();
        _settling.Clear();
        _appended = default;
    }

    private void OnChanged(ConversationId conversation)
    {
        if (Find(conversation) is { } head)
        {
            head.Unload();
            _touched.Add(head);
        }
    }

    private void Reload(SqliteWriteSession session)
    {
        var heads = new ConcurrentDictionary<ConversationId, ConversationHead>();
        _touched.Clear();
        _unsettled.Clear();
        _backlog = default;
        using (var rows = session.Command(HeadStatements.Recent, []).ExecuteReader())
        {
            while (rows.Read())
            {
                var id = new ConversationId(rows.ReadUuid(MessageRows.ColumnCount));
                var clientMessageId =
                    rows.IsDBNull(MessageRows.ColumnCount + 1) ? null : rows.ReadText(MessageRows.ColumnCount + 1);
                var position = rows.ReadNumber(MessageRows.ColumnCount + 2);
                var message = MessageRows.ReadOne(rows, id, clientMessageId, position);
                if (heads.TryAdd(id, new ConversationHead(id)))
                {
                    _unsettled.Enqueue(heads[id]);
                }

                heads[id].Append(message, message.Message!.CreatedAt.ToUnixTimeMilliseconds());
                _position = Math.Max(_position, message.Position);
                _backlog += Backlog.Of(message);
            }
        }

        foreach (var head in _unsettled)
        {
            head.OnFlushed();
            head.OnCommitted();
        }

        (_heads, _version, _isOutdated) = (heads, Version(session), false);
        Interlocked.Exchange(ref _bytes, heads.Values.Sum(head => head.Bytes));
    }

    /// <summary>Those that were not used for longest.</summary>
    private void Evict()
    {
        var bytes = _heads.Values.Sum(head => head.Bytes);
        foreach (var head in _heads.Values.OrderBy(head => head.UsedAt))
        {
            if (bytes <= MaxBytes / 4 * 3)
            {
                break;
            }

            bytes -= head.Bytes;
            head.Shrink();
            if (head.Unsettled == 0)
            {
                _heads.TryRemove(head.Id, out _);
            }
            else
            {
                bytes += head.Bytes;
            }
        }

        Interlocked.Exchange(ref _bytes, bytes);
    }
}
