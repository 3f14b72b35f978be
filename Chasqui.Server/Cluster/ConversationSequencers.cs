using Chasqui.Server.Delivery;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>The sequencers of the conversations that connections of this server have joined.</summary>
internal sealed class ConversationSequencers(
    LocalFanOut local, ChatLifetimeManager connections, SequencerStore store, TimeProvider clock,
    ILogger<ConversationSequencers> logger) : IDisposable
{
    /// <summary>After an outage all sequencers may have gaps, and clients read from the same database.</summary>
    private const int MaxConcurrentReads = 8;

    private readonly ConcurrentDictionary<ConversationId, ConversationSequencer> _sequencers = new();
    private readonly SemaphoreSlim _readers = new(MaxConcurrentReads);
    private volatile bool _isFailing;

    /// <summary>See <see cref="IFanOut.Expect"/>.</summary>
    public IDisposable BeginJoin(ConversationId conversation)
    {
        while (true)
        {
            var sequencer = _sequencers.GetOrAdd(conversation, id => new ConversationSequencer(id, local, connections, this));
            if (sequencer.TryBeginJoin())
            {
                return new BegunJoin(sequencer);
            }

            Forget(sequencer);
        }
    }

    /// <returns>The sequencer, or <see langword="null"/> when no connection of this server has joined the conversation.</returns>
    public ConversationSequencer? Find(ConversationId conversation) => _sequencers.GetValueOrDefault(conversation);

    /// <summary>Reads the positions of all conversations, so that the sequencers find their gaps.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task ReadPositionsAsync(CancellationToken cancellationToken)
    {
        foreach (var sequencer in _sequencers.Values.Where(sequencer => sequencer.TryEnd()))
        {
            Forget(sequencer);
        }

        foreach (var reached in await store.PositionsAsync(_sequencers.Keys, cancellationToken))
        {
            Find(reached.Conversation)?.OnEvent(reached);
        }
    }

    /// <summary>Lets a sequencer read what it is missing. Returns at once: the caller holds the lock of the sequencer.</summary>
    public void ScheduleResync(ConversationSequencer sequencer, TimeSpan delay) =>
        _ = Task.Run(() => ResyncAsync(sequencer, delay));

    public void Dispose() => _readers.Dispose();

    private void Forget(ConversationSequencer sequencer) => _sequencers.TryRemove(new(sequencer.Conversation, sequencer));

    private async Task ResyncAsync(ConversationSequencer sequencer, TimeSpan delay)
    {
        await Task.Delay(delay, clock);
        await _readers.WaitAsync();
        try
        {
            await sequencer.ResyncAsync(store);
            _isFailing = false;
        }
#pragma warning disable CA1031 // After any failure the sequencer reads again when its next position is reported.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!_isFailing)
            {
                _isFailing = true;
                BackplaneLog.ResyncFailed(logger, e.Message);
            }
        }
        finally
        {
            _readers.Release();
        }
    }

    private sealed class BegunJoin(ConversationSequencer sequencer) : IDisposable
    {
        private ConversationSequencer? _sequencer = sequencer;

        public void Dispose() => Interlocked.Exchange(ref _sequencer, null)?.EndJoin();
    }
}
