namespace Chasqui.Server.Accounts;

/// <summary>A token whose signature and form were checked.</summary>
internal sealed record CachedToken(Guid Id, UserId User, string Kid, DateTimeOffset ExpiresAt, ClaimsPrincipal Principal);

/// <summary>
/// Caches the checks of a token that never change: its signature and form. A client sends the same token with every request, and
/// a check costs as much as reading a page of history. Whether a token was ended is asked each time.
/// </summary>
internal sealed class TokenCache(SigningKeys keys, TimeProvider clock)
{
    /// <summary>Some ten megabytes. Past it the cache is cleared.</summary>
    private const int Most = 2_000;

    private readonly ConcurrentDictionary<string, CachedToken> _byText = new(StringComparer.Ordinal);

    /// <returns><see langword="null"/> for a token that must be checked.</returns>
    public CachedToken? Find(string text) =>
        _byText.TryGetValue(text, out var token) && token.ExpiresAt > clock.GetUtcNow() && keys.Find(token.Kid) is not null
            ? token
            : null;

    public void Add(string text, CachedToken token)
    {
        if (_byText.Count >= Most)
        {
            _byText.Clear();
        }

        _byText[text] = token;
    }
}
