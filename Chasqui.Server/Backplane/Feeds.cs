using System.Collections.Concurrent;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Backplane;

/// <summary>The conversations that somebody on this server has joined.</summary>
internal sealed class Feeds(
    FanOut local, ChatLifetimeManager connections, FeedStore store, ILogger<Feeds> logger) : IDisposable
{
    /// <summary>Few: after an outage all of them may have something to read, and others want to read too.</summary>
    private const int MostReading = 8;

    private readonly ConcurrentDictionary<ConversationId, Feed> _feeds = new();
    private readonly SemaphoreSlim _places = new(MostReading);
    private volatile bool _failing;

    /// <summary>See <see cref="IFanOut.Expect"/>.</summary>
    public IDisposable Expect(ConversationId conversation)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(conversation, id => new Feed(id, local, connections, this));
            if (feed.TryExpect())
            {
                return new Expectation(feed);
            }

            Forget(feed);
        }
    }

    /// <returns>The feed, or <see langword="null"/> when nobody here listens.</returns>
    public Feed? Find(ConversationId conversation) => _feeds.GetValueOrDefault(conversation);

    /// <summary>The conversations that somebody listens to. Those that nobody does are given up.</summary>
    public IReadOnlyCollection<ConversationId> Conversations()
    {
        foreach (var feed in _feeds.Values.Where(feed => feed.TryEnd()))
        {
            Forget(feed);
        }

        return [.. _feeds.Keys];
    }

    /// <summary>Lets a feed read what it is missing.</summary>
    public void ReadSoon(Feed feed, TimeSpan patience) => _ = ReadAsync(feed, patience);

    public void Dispose() => _places.Dispose();

    private void Forget(Feed feed) => _feeds.TryRemove(new KeyValuePair<ConversationId, Feed>(feed.Conversation, feed));

    private async Task ReadAsync(Feed feed, TimeSpan patience)
    {
        await Task.Delay(patience);
        // Whoever asks may hold the feed's lock, and the writer may be asking.
        await Task.Yield();
        await _places.WaitAsync();
        try
        {
            await feed.ReadAsync(store);
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

    private sealed class Expectation(Feed feed) : IDisposable
    {
        private Feed? _feed = feed;

        public void Dispose() => Interlocked.Exchange(ref _feed, null)?.Expected();
    }
}
