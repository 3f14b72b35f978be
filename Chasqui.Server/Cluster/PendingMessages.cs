namespace Chasqui.Server.Cluster;

/// <summary>
/// Messages that arrived before the ones in front of them. Bounded: what does not fit is read from the database when it is next.
/// </summary>
internal sealed class PendingMessages
{
    private const int MaxMessages = 1_000;
    private const int MaxCharacters = 1024 * 1024;

    private readonly SortedDictionary<long, Message> _bySeq = [];
    private int _characters;

    public void Add(Message message)
    {
        if (_bySeq.Count < MaxMessages && _characters < MaxCharacters && _bySeq.TryAdd(message.Seq, message))
        {
            _characters += message.Content.Length;
        }
    }

    /// <summary>Takes the message with this <c>seq</c>, and drops all lower ones.</summary>
    public Message? Take(long seq)
    {
        while (_bySeq.Count > 0 && _bySeq.First() is var (first, message) && first <= seq)
        {
            _bySeq.Remove(first);
            _characters -= message.Content.Length;
            if (first == seq)
            {
                return message;
            }
        }

        return null;
    }
}
