namespace Chasqui.Server.Cluster;

/// <summary>What this server may have missed, and has to ask the database about.</summary>
internal sealed class ResyncRequests(TimeProvider clock) : IDisposable
{
    /// <summary>Longer than the database may take to carry out what it was asked before its answer was given up.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _woken = new(0);
    private ResyncScope _questions;
    private long? _storageAt;

    /// <summary>Whether this server may just have written something that it has told nobody.</summary>
    public bool IsStorageUncertain
    {
        get
        {
            lock (_gate)
            {
                return _storageAt is { } at && clock.GetElapsedTime(at) < Aftermath;
            }
        }
    }

    /// <summary>Other servers' messages may not have come.</summary>
    public void Everything() => Add(new ResyncScope(Everything: true, Members: true));

    /// <summary>The database did not say what became of a write.</summary>
    public void Storage()
    {
        lock (_gate)
        {
            _storageAt = clock.GetTimestamp();
        }

        Everything();
    }

    /// <summary>Members of conversations have changed.</summary>
    public void Members() => Add(new ResyncScope(Everything: false, Members: true));

    /// <returns>Whether there is something to ask about; <see langword="false"/> after a while in which there was not.</returns>
    public Task<bool> WaitAsync(TimeSpan most, CancellationToken cancellationToken) => _woken.WaitAsync(most, cancellationToken);

    /// <summary>Takes what there is to ask about.</summary>
    public ResyncScope Take()
    {
        lock (_gate)
        {
            var taken = _questions;
            _questions = default;
            return taken;
        }
    }

    public void Dispose() => _woken.Dispose();

    private void Add(ResyncScope questions)
    {
        lock (_gate)
        {
            _questions = new ResyncScope(_questions.Everything || questions.Everything, _questions.Members || questions.Members);
            if (_woken.CurrentCount == 0)
            {
                _woken.Release();
            }
        }
    }
}

/// <summary>What the database has to be asked about.</summary>
/// <param name="Everything">All conversations that somebody here has joined.</param>
/// <param name="Members">Who came and went.</param>
internal readonly record struct ResyncScope(bool Everything, bool Members)
{
    public bool Any => Everything || Members;
}
