using Chasqui.Protocol;

namespace Chasqui.Server.Delivery;

/// <summary>
/// What one connection has joined, to keep it within its limit. A join holds its place from the moment it is asked for, so
/// that many under way at once cannot get past; one that the disk refused keeps it for the client's next try.
/// </summary>
internal sealed class JoinedConversations(int limit)
{
    private readonly Lock _gate = new();

    // Most connections join few or none.
    private HashSet<ConversationId>? _joined;

    /// <returns><see langword="false"/> when there is no place; joining again what was joined takes none.</returns>
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
