namespace Chasqui.Tests.Checker;

/// <summary>One conversation under load.</summary>
internal sealed class Room(Guid conversation)
{
    private readonly Lock _gate = new();
    private readonly List<(long Seq, TaskCompletionSource Reached)> _waiting = [];
    private long _newest;
    private bool _ended;

    public Guid Conversation => conversation;

    /// <summary>The newest acknowledged <c>seq</c>; after all sending, the last one.</summary>
    public long Newest
    {
        get
        {
            lock (_gate)
            {
                return _newest;
            }
        }
    }

    public void Acknowledged(long seq)
    {
        lock (_gate)
        {
            _newest = Math.Max(_newest, seq);
            Release(upTo: _newest);
        }
    }

    /// <summary>No more is sent: waiting ends.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Release(upTo: long.MaxValue);
        }
    }

    /// <summary>Completes when the room has come this far, or has ended.</summary>
    public Task WhenAsync(long seq)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((seq, reached));
            Release(upTo: _ended ? long.MaxValue : _newest);
        }

        return reached.Task;
    }

    private void Release(long upTo)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            if (_waiting[i].Seq <= upTo)
            {
                _waiting[i].Reached.TrySetResult();
                _waiting.RemoveAt(i);
            }
        }
    }
}
