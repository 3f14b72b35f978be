namespace Chasqui.Server.Limits;

/// <summary>
/// Counts what is in use, in all and per key. Every successful <see cref="TryEnter"/> needs one <see cref="Leave"/>.
/// </summary>
internal sealed class UsageCounter<TKey>(int max, int maxPerKey)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, int> _byKey = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <param name="key">The user or the address.</param>
    /// <param name="isExempt">Whether the limit per key does not hold for this key.</param>
    /// <param name="maxOfKey">A lower limit per key for this one.</param>
    public bool TryEnter(TKey key, bool isExempt = false, int maxOfKey = int.MaxValue)
    {
        lock (_lock)
        {
            var ofKey = _byKey.GetValueOrDefault(key);
            if (_count >= max || (ofKey >= Math.Min(maxPerKey, maxOfKey) && !isExempt))
            {
                return false;
            }

            _byKey[key] = ofKey + 1;
            _count++;
            return true;
        }
    }

    public int Of(TKey key)
    {
        lock (_lock)
        {
            return _byKey.GetValueOrDefault(key);
        }
    }

    public void Leave(TKey key)
    {
        lock (_lock)
        {
            _count--;
            if (--CollectionsMarshal.GetValueRefOrAddDefault(_byKey, key, out _) == 0)
            {
                _byKey.Remove(key);
            }
        }
    }
}
