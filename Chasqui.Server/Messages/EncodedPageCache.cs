using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>A page: up to <c>Limit</c> messages at or below a <c>seq</c>.</summary>
internal readonly record struct PageKey(ConversationId Conversation, long Seq, int Limit);

/// <summary>
/// Encoded pages of history: the members of a conversation ask for the same page. An entry is never invalid, because messages do
/// not change and a new message makes the newest page another page; the endpoint checks membership before each look-up. Not used
/// where other servers write, since their database may be restored under a running server.
/// </summary>
internal sealed class EncodedPageCache(IDatabase database)
{
    private const long MostBytes = 8 * 1024 * 1024;

    /// <summary>Memory of an entry without the page.</summary>
    private const int EntryBytes = 256;

    private readonly ConcurrentDictionary<PageKey, byte[]> _pages = new();
    private long _bytes;

    public byte[]? Find(PageKey key) => _pages.GetValueOrDefault(key);

    /// <summary>Adds a page; at the limit, all others are dropped.</summary>
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
