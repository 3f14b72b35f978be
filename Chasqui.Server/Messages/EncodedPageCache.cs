using System.Collections.Concurrent;
using Chasqui.Protocol;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Which page: so many messages at or below a <c>seq</c> that has been given.</summary>
internal readonly record struct PageKey(ConversationId Conversation, long Seq, int Limit);

/// <summary>
/// Pages of history as they go over the wire, since whoever opens a conversation asks for the same one as everybody else in
/// it. None ever has to be taken back: messages neither change nor go, and a new one makes the newest page another page.
/// Whether the caller may see it is asked before, each time. A database of other people's may be put back under a running
/// server: of that nothing is kept.
/// </summary>
internal sealed class EncodedPageCache(IDatabase database)
{
    private const long MostBytes = 8 * 1024 * 1024;

    /// <summary>What an entry takes besides the page.</summary>
    private const int EntryBytes = 256;

    private readonly ConcurrentDictionary<PageKey, byte[]> _pages = new();
    private long _bytes;

    public byte[]? Find(PageKey key) => _pages.GetValueOrDefault(key);

    /// <summary>Keeps a page; where there are too many, the others are given up.</summary>
    public void Add(PageKey key, ReadOnlySpan<byte> page)
    {
        if (database.IsShared)
        {
            return;
        }

        if (Interlocked.Add(ref _bytes, page.Length + EntryBytes) > MostBytes)
        {
            _pages.Clear();
            Interlocked.Exchange(ref _bytes, page.Length + EntryBytes);
        }

        _pages[key] = page.ToArray();
    }
}
