using Chasqui.Server.Http;

namespace Chasqui.Server.Delivery;

/// <summary>The token that a connection was opened with; the connection ends with it.</summary>
/// <param name="User">The user of the token.</param>
/// <param name="Token">The id of the token.</param>
/// <param name="Expiry">When the token expires, in seconds since 1970.</param>
internal sealed record ConnectionCredentials(UserId User, Guid Token, long Expiry)
{
    public static ConnectionCredentials Of(ClaimsPrincipal user) => new(user.GetUserId(), user.GetTokenId(), user.GetTokenExpiry());
}
