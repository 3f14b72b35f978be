namespace Chasqui.Server.Delivery;

/// <summary>
/// The conversations that one connection has joined, up to a limit. A join takes its place when it is requested, so that many at
/// once cannot exceed the limit; one that storage refused keeps its place for the next attempt.
/// </summary>
internal sealed class JoinedConversations(int limit)
{
    /// <summary>What a join takes here, in the lists of its group and in those of SignalR; measured.</summary>
    private const int JoinBytes = 400;

    private readonly Lock _gate = new();

    // Most connections join few or none.
    private HashSet<ConversationId>? _joined;

    /// <summary>About the memory that they take.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return (_joined?.Count ?? 0) * (long)JoinBytes;
            }
        }
    }

    /// <returns><see langword="false"/> at the limit. Joining again takes no further place.</returns>
    public bool TryAdd(ConversationId conversation)
    {
        lock (_gate)
        {
            _joined ??= new(capacity: 1);
            return _joined.Contains(conversation) || (_joined.Count < limit && _joined.Add(conversation));
        }
    }

    public void Remove(ConversationId conversation)
    {
        lock (_gate)
        {
            _joined?.Remove(conversation);
        }
    }
}
