using Microsoft.AspNetCore.Authorization;

namespace Chasqui.Server.Errors;

internal static class TokenNeed
{
    /// <summary>Whether an endpoint with this metadata answers only to callers with a token.</summary>
    public static bool NeedsToken(this IEnumerable<object> metadata) =>
        metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any();
}
