using Chasqui.Server.Configuration;

namespace Chasqui.Server.Cluster;

/// <summary>
/// What is to be published to the other servers. The writer fills it and never waits. What does not fit, or comes while Redis is
/// disconnected, is dropped; then a number is skipped, and the other servers resync. Its lock is the last in the order.
/// </summary>
internal sealed class BackplaneQueue(ServerInstance server) : IDisposable
{
    private const int MaxMessages = 20_000;
    private const int MaxCharacters = 16 * 1024 * 1024;

    // Of one backplane message.
    private const int MaxBatch = 500;
    private const int MaxBatchCharacters = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Queue<CommittedMessage> _messages = new();
    private readonly List<ConversationPosition> _positions = [];
    private long _characters;
    private long _number;
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

    public void Open()
    {
        lock (_gate)
        {
            (_isOpen, _hasGap) = (true, true);
        }
    }

    /// <summary>Drops everything: the other servers resync before Redis is connected again.</summary>
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
            if (Accepts(_messages.Count < MaxMessages && _characters < MaxCharacters))
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
            if (Accepts(_positions.Count < MaxBatch))
            {
                _positions.Add(position);
            }
        }
    }

    public void AddMembersChanged()
    {
        lock (_gate)
        {
            _membersChanged |= Accepts(true);
        }
    }

    /// <summary>Completes when there is something to publish, or after the timeout.</summary>
    public Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _filled.WaitAsync(timeout, cancellationToken);

    /// <summary>Takes the next backplane message; a heartbeat when the queue is empty.</summary>
    public BackplaneMessage Take()
    {
        lock (_gate)
        {
            var message = new BackplaneMessage
            {
                Server = server.Id,
                Number = _number,
                Messages = TakeMessages(),
                Positions = [.. _positions],
                MembersChanged = _membersChanged,
            };
            _number += (_hasGap ? 1 : 0) + (message.IsHeartbeat ? 0 : 1);
            (_membersChanged, _hasGap) = (false, false);
            _positions.Clear();
            if (_messages.Count > 0)
            {
                Signal();
            }

            return message with { Number = _number };
        }
    }

    public void Dispose() => _filled.Dispose();

    private bool Accepts(bool hasRoom)
    {
        if (!_isOpen)
        {
            return false;
        }

        _hasGap |= !hasRoom;
        Signal();
        return hasRoom;
    }

    private void Signal()
    {
        if (_filled.CurrentCount == 0)
        {
            _filled.Release();
        }
    }

    private List<CommittedMessage> TakeMessages()
    {
        List<CommittedMessage> taken = [];
        var characters = 0;
        while (taken.Count < MaxBatch && characters < MaxBatchCharacters && _messages.TryDequeue(out var message))
        {
            taken.Add(message);
            characters += message.Message.Content.Length;
        }

        _characters -= characters;
        return taken;
    }
}
