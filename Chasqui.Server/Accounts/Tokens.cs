using Chasqui.Server.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chasqui.Server.Accounts;

/// <summary>Creates and checks tokens.</summary>
internal sealed class Tokens(SigningKeys keys, TokenStore store, IOptions<AccountOptions> options, TimeProvider clock)
{
    public const string UsernameClaim = "username";
    public const string RolesClaim = "roles";

    /// <summary>Good tokens of one session; more renewals within the lifetime of a token get the newest one again.</summary>
    private const int MostPerSession = 1_000;

    private const string Issuer = "chasqui";
    private const string Audience = "chasqui";
    private const string Type = "JWT";
    private static readonly string[] Roles = ["user"];
    private static readonly string[] Times = [JwtRegisteredClaimNames.Exp, JwtRegisteredClaimNames.Nbf, JwtRegisteredClaimNames.Iat];
    private static readonly JsonDocumentOptions Unambiguous = new() { AllowDuplicateProperties = false };

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    private AccountOptions Options => options.Value;

    /// <summary>The first token of a session.</summary>
    /// <returns><see langword="null"/> if the account changed while its password was checked.</returns>
    public async Task<string?> MintAsync(Account account, ClientOrigin origin)
    {
        var (token, key, now) = New();
        return await store.BeginSessionAsync(token, account, origin)
            ? Write(token, key, now, account.Id, account.Username)
            : null;
    }

    /// <summary>A fresh token for a good one.</summary>
    /// <returns><see langword="null"/> if the token was ended.</returns>
    public async Task<string?> RenewAsync(ClaimsPrincipal caller, ClientOrigin origin)
    {
        var (token, key, now) = New();
        // A session is never shorter than its first token.
        var sessionLifetime = Options.SessionLifetime > Options.TokenLifetime ? Options.SessionLifetime : Options.TokenLifetime;
        return await store.RenewAsync(
            caller.GetTokenId(), token, sessionLifetime, Options.TokenLifetime / MostPerSession, origin) is { } renewed
            ? Write(renewed, key, now, caller.GetUserId(), caller.Identity!.Name!)
            : null;
    }

    private (IssuedToken Token, SecurityKey Key, DateTimeOffset Now) New()
    {
        var key = keys.Current;
        var now = clock.GetUtcNow();
        var expires = now + Options.TokenLifetime;
        return (new IssuedToken { Id = Guid.CreateVersion7(now), Kid = key.KeyId, ExpiresAt = expires }, key, now);
    }

    private string Write(
        IssuedToken token, SecurityKey key, DateTimeOffset now, UserId user, string username) => _handler.CreateToken(
        new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            Expires = token.ExpiresAt.UtcDateTime,
            TokenType = Type,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Jti] = token.Id.ToString(),
                [JwtRegisteredClaimNames.Sub] = user.Value.ToString(),
                [UsernameClaim] = username,
                [RolesClaim] = Roles,
            },
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
        });

    /// <summary>The framework's defaults are five minutes of clock skew and any algorithm.</summary>
    public TokenValidationParameters Validation => new()
    {
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        IssuerSigningKeyResolver = (_, _, kid, _) => kid is not null && keys.Find(kid) is { } key ? [key] : [],
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        ValidTypes = [Type],
        RequireExpirationTime = true,
        // The servers that create tokens also check them, by the same clock.
        LifetimeValidator = (_, expires, _, _) => expires > clock.GetUtcNow().UtcDateTime,
        NameClaimType = UsernameClaim,
        RoleClaimType = RolesClaim,
    };

    /// <summary>Checks the form of a token whose signature and expiry the framework has checked.</summary>
    /// <returns><see langword="null"/> for an invalid one.</returns>
    public static CachedToken? Read(JsonWebToken token, ClaimsPrincipal principal) =>
        // RFC 7515, 4.1.11: critical headers must be understood, and this server knows none.
        !token.TryGetHeaderValue<object>("crit", out _)
        && HasPlainTimes(token)
        && Guid.TryParse(token.Id, out var id)
        && Guid.TryParse(token.Subject, out var user)
            ? new CachedToken(id, new UserId(user), token.Kid, token.ValidTo, principal)
            : null;

    /// <summary>
    /// RFC 7519, 2 and 4: times are numbers, no claim occurs twice. The framework takes strings, and the last of two.
    /// </summary>
    private static bool HasPlainTimes(JsonWebToken token)
    {
        try
        {
            using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), Unambiguous);
            return payload.RootElement.EnumerateObject().All(claim => !Times.Contains(claim.Name) || claim.Value.TryGetInt64(out _));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A claim twice, or a time that is no number.
            return false;
        }
    }

    /// <summary>The same claims as the token that the ticket stood for.</summary>
    public static ClaimsPrincipal Principal(Redeemed ticket) => new(new ClaimsIdentity(
        [
            new Claim(JwtRegisteredClaimNames.Jti, ticket.TokenId.ToString()),
            new Claim(JwtRegisteredClaimNames.Sub, ticket.UserId.Value.ToString()),
            new Claim(JwtRegisteredClaimNames.Exp, EpochTime.GetIntDate(ticket.ExpiresAt.UtcDateTime).ToString(CultureInfo.InvariantCulture)),
            new Claim(UsernameClaim, ticket.Username),
            .. Roles.Select(role => new Claim(RolesClaim, role)),
        ],
        authenticationType: "ticket", UsernameClaim, RolesClaim));
}
