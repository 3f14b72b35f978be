using System.Collections.Concurrent;
using System.Security.Claims;
using Chasqui.Protocol;

namespace Chasqui.Server.Accounts;

/// <summary>What a token says that was found to be signed and well-formed.</summary>
internal sealed record CachedToken(Guid Id, UserId User, string Kid, DateTimeOffset ExpiresAt, ClaimsPrincipal Principal);

/// <summary>
/// Tokens that were checked before: a client sends the same one with every request, and checking it costs as much as reading
/// a page of history. Only what can never change is remembered. Whether a token was ended is asked each time.
/// </summary>
internal sealed class TokenCache(SigningKeys keys, TimeProvider clock)
{
    /// <summary>Some ten megabytes. Where more are in use, all are checked anew now and then.</summary>
    private const int Most = 2_000;

    private readonly ConcurrentDictionary<string, CachedToken> _byText = new(StringComparer.Ordinal);

    /// <returns><see langword="null"/> for one that has to be checked, and may be found bad.</returns>
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
