using Chasqui.Server.Limits;

namespace Chasqui.Server.Accounts;

/// <summary>Where a client logs in, or renews its token, from.</summary>
internal sealed record ClientOrigin(string? Address, string? UserAgent)
{
    private const int MaxUserAgentCharacters = 256;

    public static ClientOrigin Of(HttpContext http) => new(
        // A Unix socket has no address.
        http.Connection.RemoteIpAddress is null ? null : ClientAddress.Of(http).ToString(),
        http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent
            ? string.Concat(agent.EnumerateRunes().Take(MaxUserAgentCharacters))
            : null);
}
