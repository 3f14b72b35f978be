namespace Chasqui.Server.Delivery;

/// <summary>The conversations in which one connection typed lately, and when it last began or stopped.</summary>
internal sealed class RecentTyping
{
    private const int FewConversations = 16;

    private readonly Lock _gate = new();

    // Most connections type in one conversation, or in none.
    private Dictionary<ConversationId, long>? _changes;

    public ConversationId[] Conversations
    {
        get
        {
            lock (_gate)
            {
                return [.. _changes?.Keys ?? Enumerable.Empty<ConversationId>()];
            }
        }
    }

    public bool HasChangedWithin(TimeSpan time, ConversationId conversation, TimeProvider clock)
    {
        lock (_gate)
        {
            return _changes?.TryGetValue(conversation, out var at) is true && clock.GetElapsedTime(at) < time;
        }
    }

    /// <param name="conversation">Where the connection has begun or stopped.</param>
    /// <param name="forgetAfter">The age of a change that is of no more use.</param>
    /// <param name="clock">The time.</param>
    public void Add(ConversationId conversation, TimeSpan forgetAfter, TimeProvider clock)
    {
        lock (_gate)
        {
            _changes ??= new(capacity: 1);
            _changes[conversation] = clock.GetTimestamp();
            if (_changes.Count > FewConversations)
            {
                foreach (var (old, at) in _changes)
                {
                    if (clock.GetElapsedTime(at) > forgetAfter)
                    {
                        _changes.Remove(old);
                    }
                }
            }
        }
    }
}
