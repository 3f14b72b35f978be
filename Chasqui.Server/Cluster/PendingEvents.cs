using Chasqui.Server.Storage;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Events that arrived before the ones in front of them. Bounded: what does not fit is read from the database when it is next.
/// </summary>
internal sealed class PendingEvents
{
    private const int MaxEvents = 1_000;
    private const int MaxCharacters = 1024 * 1024;

    private readonly SortedDictionary<long, IConversationEvent> _bySeq = [];
    private int _characters;

    public void Add(IConversationEvent added)
    {
        if (_bySeq.Count < MaxEvents && _characters < MaxCharacters && _bySeq.TryAdd(added.Seq, added))
        {
            _characters += StoredEvent.CharactersOf(added);
        }
    }

    /// <summary>Takes the event with this <c>seq</c>, and drops all lower ones.</summary>
    public IConversationEvent? Take(long seq)
    {
        while (_bySeq.Count > 0 && _bySeq.First() is var (first, pending) && first <= seq)
        {
            _bySeq.Remove(first);
            _characters -= StoredEvent.CharactersOf(pending);
            if (first == seq)
            {
                return pending;
            }
        }

        return null;
    }
}
