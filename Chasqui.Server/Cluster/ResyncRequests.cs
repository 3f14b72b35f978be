namespace Chasqui.Server.Cluster;

/// <summary>What a resync reads from the database.</summary>
[Flags]
internal enum ResyncScope
{
    None = 0,

    /// <summary>The positions of all conversations that connections of this server have joined.</summary>
    Positions = 1,

    /// <summary>The changes of members.</summary>
    Members = 2,

    All = Positions | Members,
}

/// <summary>Collects what this server may have missed, until <see cref="ResyncService"/> reads it. Its lock is the last in the order.</summary>
internal sealed class ResyncRequests(TimeProvider clock) : IDisposable
{
    /// <summary>Longer than the database may take to commit a write after its answer was lost.</summary>
    private static readonly TimeSpan UncertainPeriod = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _requested = new(0);
    private ResyncScope _scope;
    private long? _uncertainSince;

    /// <summary>Whether this server may have committed something that it did not publish.</summary>
    public bool HasUncertainCommit
    {
        get
        {
            lock (_gate)
            {
                return _uncertainSince is { } since && clock.GetElapsedTime(since) < UncertainPeriod;
            }
        }
    }

    public void Add(ResyncScope scope)
    {
        lock (_gate)
        {
            _scope |= scope;
            if (_requested.CurrentCount == 0)
            {
                _requested.Release();
            }
        }
    }

    public void OnUncertainCommit()
    {
        lock (_gate)
        {
            _uncertainSince = clock.GetTimestamp();
            Add(ResyncScope.All);
        }
    }

    /// <summary>Waits for a request, and takes all that have been added.</summary>
    public async Task<ResyncScope> TakeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await _requested.WaitAsync(timeout, cancellationToken);
        lock (_gate)
        {
            var taken = _scope;
            _scope = ResyncScope.None;
            return taken;
        }
    }

    public void Dispose() => _requested.Dispose();
}
