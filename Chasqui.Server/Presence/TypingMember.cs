using Chasqui.Server.Delivery;

namespace Chasqui.Server.Presence;

/// <summary>A member who types.</summary>
/// <param name="connection">Where; <see langword="null"/> for another server.</param>
/// <param name="hiddenFrom">The members whom the user has blocked.</param>
internal sealed class TypingMember(ClientConnection? connection, IReadOnlyCollection<UserId> hiddenFrom) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _ended;

    public ClientConnection? Connection => connection;

    public IReadOnlyCollection<UserId> HiddenFrom => hiddenFrom;

    public void Start(TimeProvider clock, TimeSpan timeout, Action end)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _timer = clock.CreateTimer(_ => end(), state: null, timeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void EndAfter(TimeSpan time)
    {
        lock (_gate)
        {
            _timer?.Change(time, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _timer?.Dispose();
            _timer = null;
        }
    }
}
