using Microsoft.IdentityModel.JsonWebTokens;

namespace Chasqui.Server.Http;

/// <summary>Reads the caller from the claims of the token, for REST and the hub.</summary>
internal static class CurrentUser
{
    public static UserId GetUserId(this ClaimsPrincipal principal) => new(Guid.Parse(principal.Claim(JwtRegisteredClaimNames.Sub)));

    public static Guid GetTokenId(this ClaimsPrincipal principal) => Guid.Parse(principal.Claim(JwtRegisteredClaimNames.Jti));

    /// <summary>When the token expires, in seconds since 1970.</summary>
    public static long GetTokenExpiry(this ClaimsPrincipal principal) =>
        long.Parse(principal.Claim(JwtRegisteredClaimNames.Exp), CultureInfo.InvariantCulture);

    /// <summary>The same user without the other claims, for connections that keep it long.</summary>
    public static ClaimsPrincipal WithIdOnly(this ClaimsPrincipal principal) => new(new ClaimsIdentity(
        [new Claim(JwtRegisteredClaimNames.Sub, principal.Claim(JwtRegisteredClaimNames.Sub))], principal.Identity?.AuthenticationType));

    private static string Claim(this ClaimsPrincipal principal, string type) => principal.FindFirstValue(type)!;

    /// <summary>Gives SignalR the bare uuid as its user identifier.</summary>
    internal sealed class Provider : IUserIdProvider
    {
        public string? GetUserId(HubConnectionContext connection) =>
            connection.User.FindFirstValue(JwtRegisteredClaimNames.Sub);
    }
}
