namespace Chasqui.Server.Storage;

/// <summary>What only the writer thread calls.</summary>
internal sealed partial class ConversationHead
{
    /// <summary>Takes what was read in the running transaction.</summary>
    public void Load(Membership membership, long lastSeq, long messageCount, long updatedAt)
    {
        (Membership, LastSeq, MessageCount, UpdatedAt) = (membership, lastSeq, messageCount, updatedAt);
        lock (_gate)
        {
            _allFrom = Math.Min(_allFrom, lastSeq + 1);
        }
    }

    /// <summary>The next use must read the members and the positions.</summary>
    public void Unload() => Membership = null;

    public StoredEvent? FindUnsettled(UserId sender, string clientMessageId) =>
        _byClientMessageId.GetValueOrDefault((sender, clientMessageId));

    /// <summary>As <see cref="Events"/>, with what the running transaction has stored.</summary>
    public List<StoredEvent> UncommittedEvents(long seq, int limit, int maxCharacters)
    {
        lock (_gate)
        {
            return seq < _allFrom ? [] : Take(FirstFrom(seq), 1, _newest.Count, limit, maxCharacters, messagesOnly: false)
                .ConvertAll(stored => _changed.GetValueOrDefault(stored.Seq, stored));
        }
    }

    /// <summary>Adds an event that the running transaction has stored.</summary>
    public void Append(StoredEvent added, long createdAt)
    {
        lock (_gate)
        {
            _newest.Add(added);
            _characters += added.Characters;
            if (added.ClientMessageId is { } clientMessageId)
            {
                _byClientMessageId[(added.Message!.SenderId, clientMessageId)] = added;
            }

            (LastSeq, MessageCount, UpdatedAt) = (added.Seq, added.Number, createdAt);
            IsAhead = true;
        }
    }

    /// <summary>The running transaction has changed a message. Events about it carry its present state.</summary>
    public void Change(StoredEvent message)
    {
        lock (_gate)
        {
            _changed[message.Seq] = message;
            var isDeleted = message.Message!.DeletedAt is not null;
            foreach (var about in _newest.Select(stored => stored.Event))
            {
                IConversationEvent? changed = about switch
                {
                    MessageEdited edited when edited.MessageId == message.Message.Id =>
                        edited with { Content = message.Message.Content, Mentions = message.Message.Mentions },
                    ReactionAdded added when isDeleted && added.MessageId == message.Message.Id => added with { Emoji = "" },
                    ReactionRemoved removed when isDeleted && removed.MessageId == message.Message.Id =>
                        removed with { Emoji = "" },
                    _ => null,
                };
                if (changed is not null)
                {
                    _changed[changed.Seq] = new StoredEvent(changed, message.Number);
                }
            }
        }
    }

    /// <summary>The positions are in the database.</summary>
    public void OnFlushed() => IsAhead = false;

    /// <summary>At a commit.</summary>
    /// <returns>The characters by which events that are not settled have grown.</returns>
    public long OnCommitted()
    {
        lock (_gate)
        {
            UsedAt = Environment.TickCount64;
            (_committed, _committedMembership) = (_newest.Count, Membership);
            (_committedSeq, _committedMessages) = (LastSeq, MessageCount);
            var growth = _changed.Values.Sum(Replace);
            Version += _changed.Count;
            _changed.Clear();
            return growth;
        }
    }

    /// <summary>At a rollback.</summary>
    public void OnRolledBack()
    {
        lock (_gate)
        {
            (Membership, IsAhead) = (null, false);
            _changed.Clear();
            Forget(_newest[_committed..]);
            _newest.RemoveRange(_committed, _newest.Count - _committed);
        }
    }

    /// <summary>The oldest committed messages that are not settled.</summary>
    public List<StoredEvent> OldestUnsettled(int limit)
    {
        lock (_gate)
        {
            return _newest.GetRange(_settled, Math.Min(limit, _committed - _settled));
        }
    }

    /// <summary>As many of them are settled.</summary>
    public void OnSettled(int count)
    {
        lock (_gate)
        {
            Forget(_newest[_settled..(_settled + count)], settled: true);
            for (var end = _settled + count; _settled < end; _settled++)
            {
                // It has no position any more.
                _newest[_settled] = new StoredEvent(_newest[_settled].Event, _newest[_settled].Number);
            }

            var surplus = 0;
            for (var kept = _characters; surplus < _settled && (_settled - surplus > MaxSettled || kept > MaxSettledCharacters); surplus++)
            {
                kept -= _newest[surplus].Characters;
            }

            RemoveSettled(surplus);
        }
    }

    /// <summary>Keeps only what cannot be read from the tables fast.</summary>
    public void Shrink()
    {
        lock (_gate)
        {
            (Membership, _committedMembership) = (null, null);
            RemoveSettled(_settled);
        }
    }

    private long Replace(StoredEvent changed)
    {
        var index = FirstFrom(changed.Seq);
        if (index < _newest.Count && _newest[index] is var before && before.Seq == changed.Seq)
        {
            var growth = changed.Characters - before.Characters;
            _characters += growth;
            _newest[index] = new StoredEvent(changed.Event, before.Number, before.ClientMessageId, before.Position);
            if (before.ClientMessageId is { } clientMessageId)
            {
                // Only of those that are not settled.
                _byClientMessageId[(before.Message!.SenderId, clientMessageId)] = _newest[index];
            }

            return index < _settled ? 0 : growth;
        }

        return 0;
    }

    private void RemoveSettled(int count)
    {
        if (count > 0)
        {
            _allFrom = Math.Max(_allFrom, _newest[count - 1].Seq + 1);
        }

        _characters -= _newest.Take(count).Sum(stored => stored.Characters);
        _newest.RemoveRange(0, count);
        (_settled, _committed) = (_settled - count, _committed - count);
    }

    private void Forget(List<StoredEvent> messages, bool settled = false)
    {
        foreach (var message in messages)
        {
            _characters -= settled ? 0 : message.Characters;
            if (message.ClientMessageId is { } clientMessageId)
            {
                _byClientMessageId.Remove((message.Message!.SenderId, clientMessageId));
            }
        }
    }
}
