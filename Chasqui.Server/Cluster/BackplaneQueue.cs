using Chasqui.Server.Configuration;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Cluster;

/// <summary>
/// What is to be published to the other servers. The writer fills it and never waits. What does not fit, or comes while Redis is
/// disconnected, is dropped; then a number is skipped, and the other servers resync. Its lock is the last in the order.
/// </summary>
internal sealed class BackplaneQueue(ServerInstance server) : IDisposable
{
    private const int MaxEvents = 20_000;
    private const int MaxCharacters = 16 * 1024 * 1024;

    // Of one backplane message.
    private const int MaxBatch = 500;
    private const int MaxBatchCharacters = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Queue<ReachedPosition> _events = new();
    private long _characters;
    private long _number;
    private bool _isOpen;
    private bool _membersChanged;
    private bool _hasGap;

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
            _events.Clear();
        }
    }

    public void Add(in ReachedPosition added)
    {
        lock (_gate)
        {
            if (_isOpen && _events.Count < MaxEvents && _characters < MaxCharacters)
            {
                _events.Enqueue(added);
                _characters += Length(added);
                Signal();
            }
            else
            {
                _hasGap = true;
            }
        }
    }

    public void AddMembersChanged()
    {
        lock (_gate)
        {
            _membersChanged = _isOpen;
            Signal();
        }
    }

    /// <summary>Completes when there is something to publish, or after the timeout.</summary>
    public Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _filled.WaitAsync(timeout, cancellationToken);

    /// <summary>Takes the next backplane message; a heartbeat when the queue is empty.</summary>
    public BackplaneMessage Take()
    {
        lock (_gate)
        {
            List<ReachedPosition> events = [];
            var rest = _characters - MaxBatchCharacters;
            while (events.Count < MaxBatch && _characters > rest && _events.TryDequeue(out var next))
            {
                events.Add(next);
                _characters -= Length(next);
            }

            var message = new BackplaneMessage
            {
                Server = server.Id,
                Number = _number,
                Events = events,
                MembersChanged = _membersChanged,
            };
            _number += (_hasGap ? 1 : 0) + (message.IsHeartbeat ? 0 : 1);
            (_membersChanged, _hasGap) = (false, false);
            if (_events.Count > 0)
            {
                Signal();
            }

            return message with { Number = _number };
        }
    }

    public void Dispose() => _filled.Dispose();

    private static int Length(in ReachedPosition measured) =>
        measured.Event is IConversationEvent committed ? StoredEvent.CharactersOf(committed) : 0;

    private void Signal()
    {
        if (_filled.CurrentCount == 0)
        {
            _filled.Release();
        }
    }
}
