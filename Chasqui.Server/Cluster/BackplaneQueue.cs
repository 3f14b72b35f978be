namespace Chasqui.Server.Cluster;

/// <summary>
/// What is still to be told to the other servers. Filled by the writer, who waits for nothing; what does not fit, or comes
/// while nobody can be told, is left out, and the others find the gap.
/// </summary>
internal sealed class BackplaneQueue : IDisposable
{
    private const int MostWaiting = 20_000;
    private const int MostWaitingCharacters = 16 * 1024 * 1024;

    /// <summary>Of one telegram: as much as Redis and the network take in one go.</summary>
    private const int MostTogether = 500;

    private const int MostTogetherCharacters = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Queue<CommittedMessage> _messages = new();
    private readonly Queue<ConversationPosition> _positions = new();
    private long _characters;
    private bool _isOpen;
    private bool _membersChanged;
    private bool _hasGap;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _messages.Count == 0 && _positions.Count == 0 && !_membersChanged;
            }
        }
    }

    /// <summary>The others can be told again, and have been told nothing for a while.</summary>
    public void Open()
    {
        lock (_gate)
        {
            (_isOpen, _hasGap) = (true, true);
        }
    }

    /// <summary>Nobody can be told anything; by the time that somebody can, they have read it.</summary>
    public void Close()
    {
        lock (_gate)
        {
            (_isOpen, _membersChanged, _characters) = (false, false, 0);
            _messages.Clear();
            _positions.Clear();
        }
    }

    public void Add(in CommittedMessage message)
    {
        lock (_gate)
        {
            if (Fits(_messages.Count < MostWaiting && _characters < MostWaitingCharacters))
            {
                _messages.Enqueue(message);
                _characters += message.Message.Content.Length;
            }
        }
    }

    public void Add(in ConversationPosition position)
    {
        lock (_gate)
        {
            if (Fits(_positions.Count < MostWaiting))
            {
                _positions.Enqueue(position);
            }
        }
    }

    public void AddMembersChanged()
    {
        lock (_gate)
        {
            _membersChanged |= Fits(true);
        }
    }

    /// <summary>Completes when there is something to tell, or after a while.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken cancellationToken) => _filled.WaitAsync(most, cancellationToken);

    /// <param name="number">The number of the telegram before it.</param>
    /// <returns>What there is to tell, at least that the server is there.</returns>
    public BackplaneMessage Take(long number)
    {
        lock (_gate)
        {
            var backplaneMessage = new BackplaneMessage
            {
                Number = number,
                Messages = [.. TakeMessages()],
                Positions = [.. TakeStandings()],
                MembersChanged = _membersChanged,
            };
            var gap = _hasGap ? 1 : 0;
            (_membersChanged, _hasGap) = (false, false);
            if (_messages.Count > 0 || _positions.Count > 0)
            {
                Wake();
            }

            return backplaneMessage with { Number = number + gap + (backplaneMessage.IsNews ? 1 : 0) };
        }
    }

    public void Dispose() => _filled.Dispose();

    /// <returns>Whether it is to be told.</returns>
    private bool Fits(bool hasRoom)
    {
        if (!_isOpen)
        {
            return false;
        }

        _hasGap |= !hasRoom;
        Wake();
        return hasRoom;
    }

    private void Wake()
    {
        if (_filled.CurrentCount == 0)
        {
            _filled.Release();
        }
    }

    private IEnumerable<CommittedMessage> TakeMessages()
    {
        var characters = 0;
        for (var i = 0; i < MostTogether && characters < MostTogetherCharacters && _messages.TryDequeue(out var message); i++)
        {
            characters += message.Message.Content.Length;
            yield return message;
        }

        _characters -= characters;
    }

    private IEnumerable<ConversationPosition> TakeStandings()
    {
        for (var i = 0; i < MostTogether && _positions.TryDequeue(out var position); i++)
        {
            yield return position;
        }
    }
}
