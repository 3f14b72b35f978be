using System.Security.Claims;
using Chasqui.Protocol;
using Microsoft.AspNetCore.SignalR;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Chasqui.Server.Accounts;

/// <summary>Who is calling; the token says it, to REST endpoints and to the hub alike.</summary>
internal static class CurrentUser
{
    public static UserId GetUserId(this ClaimsPrincipal principal) =>
        new(Guid.Parse(principal.FindFirstValue(JwtRegisteredClaimNames.Sub)!));

    /// <summary>Gives SignalR the bare uuid as its user identifier.</summary>
    internal sealed class Provider : IUserIdProvider
    {
        public string? GetUserId(HubConnectionContext connection) =>
            connection.User.FindFirstValue(JwtRegisteredClaimNames.Sub);
    }
}
