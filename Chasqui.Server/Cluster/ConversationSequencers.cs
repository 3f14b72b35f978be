using System.Collections.Concurrent;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>The conversations that somebody on this server has joined.</summary>
internal sealed class ConversationSequencers(
    LocalFanOut local, ChatLifetimeManager connections, SequencerStore store, ILogger<ConversationSequencers> logger) : IDisposable
{
    /// <summary>Few: after an outage all of them may have something to read, and others want to read too.</summary>
    private const int MostReading = 8;

    private readonly ConcurrentDictionary<ConversationId, ConversationSequencer> _sequencers = new();
    private readonly SemaphoreSlim _places = new(MostReading);
    private volatile bool _failing;

    /// <summary>See <see cref="IFanOut.Expect"/>.</summary>
    public IDisposable Expect(ConversationId conversation)
    {
        while (true)
        {
            var sequencer = _sequencers.GetOrAdd(conversation, id => new ConversationSequencer(id, local, connections, this));
            if (sequencer.TryExpect())
            {
                return new Expectation(sequencer);
            }

            Forget(sequencer);
        }
    }

    /// <returns>The feed, or <see langword="null"/> when nobody here listens.</returns>
    public ConversationSequencer? Find(ConversationId conversation) => _sequencers.GetValueOrDefault(conversation);

    /// <summary>The conversations that somebody listens to. Those that nobody does are given up.</summary>
    public IReadOnlyCollection<ConversationId> Conversations()
    {
        foreach (var sequencer in _sequencers.Values.Where(sequencer => sequencer.TryEnd()))
        {
            Forget(sequencer);
        }

        return [.. _sequencers.Keys];
    }

    /// <summary>Lets a feed read what it is missing.</summary>
    public void ReadSoon(ConversationSequencer sequencer, TimeSpan patience) => _ = ReadAsync(sequencer, patience);

    public void Dispose() => _places.Dispose();

    private void Forget(ConversationSequencer sequencer) => _sequencers.TryRemove(new KeyValuePair<ConversationId, ConversationSequencer>(sequencer.Conversation, sequencer));

    private async Task ReadAsync(ConversationSequencer sequencer, TimeSpan patience)
    {
        await Task.Delay(patience);
        // Whoever asks may hold the feed's lock, and the writer may be asking.
        await Task.Yield();
        await _places.WaitAsync();
        try
        {
            await sequencer.ReadAsync(store);
            _failing = false;
        }
#pragma warning disable CA1031 // Whatever it is, the feed reads again when it is next told where the conversation stands.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!_failing)
            {
                _failing = true;
                BackplaneLog.CannotRead(logger, e.Message);
            }
        }
        finally
        {
            _places.Release();
        }
    }

    private sealed class Expectation(ConversationSequencer sequencer) : IDisposable
    {
        private ConversationSequencer? _feed = sequencer;

        public void Dispose() => Interlocked.Exchange(ref _feed, null)?.Expected();
    }
}
