using Microsoft.Extensions.Options;

namespace Chasqui.Server.Backplane;

/// <summary>
/// What is still to be told to the other servers. Filled by the writer, who waits for nothing; where it fills up, what does
/// not fit is left out, and the others find the gap.
/// </summary>
internal sealed class Outbox(IOptions<BackplaneOptions> options) : IDisposable
{
    private const int MostWaiting = 20_000;

    /// <summary>Of one telegram: as much as Redis and the network take in one go.</summary>
    private const int MostTogether = 500;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Queue<Committed> _messages = new();
    private readonly Queue<Stands> _standings = new();
    private readonly bool _isOpen = options.Value.Redis is not null;
    private bool _membersChanged;
    private bool _hasGap;

    public void Add(in Committed message) => Add(_messages, message);

    public void Add(in Stands standing) => Add(_standings, standing);

    public void AddMembersChanged()
    {
        if (!_isOpen)
        {
            return;
        }

        lock (_gate)
        {
            _membersChanged = true;
            Wake();
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _messages.Count == 0 && _standings.Count == 0 && !_membersChanged;
            }
        }
    }

    /// <summary>Completes when there is something to tell, or after a while.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken cancellationToken) => _filled.WaitAsync(most, cancellationToken);

    /// <param name="number">The number of the telegram before it.</param>
    /// <returns>What there is to tell, at least that the server is there.</returns>
    public Telegram Take(long number)
    {
        lock (_gate)
        {
            var telegram = new Telegram
            {
                Number = number,
                Messages = [.. TakeSome(_messages)],
                Standings = [.. TakeSome(_standings)],
                MembersChanged = _membersChanged,
            };
            var gap = _hasGap ? 1 : 0;
            (_membersChanged, _hasGap) = (false, false);
            if (_messages.Count > 0 || _standings.Count > 0)
            {
                Wake();
            }

            return telegram with { Number = number + gap + (telegram.IsNews ? 1 : 0) };
        }
    }

    public void Dispose() => _filled.Dispose();

    private void Add<T>(Queue<T> queue, T item)
    {
        if (!_isOpen)
        {
            return;
        }

        lock (_gate)
        {
            if (queue.Count < MostWaiting)
            {
                queue.Enqueue(item);
            }
            else
            {
                _hasGap = true;
            }

            Wake();
        }
    }

    private void Wake()
    {
        if (_filled.CurrentCount == 0)
        {
            _filled.Release();
        }
    }

    private static IEnumerable<T> TakeSome<T>(Queue<T> queue)
    {
        for (var i = 0; i < MostTogether && queue.TryDequeue(out var item); i++)
        {
            yield return item;
        }
    }
}
