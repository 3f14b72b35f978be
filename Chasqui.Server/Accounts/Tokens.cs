using Chasqui.Protocol;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chasqui.Server.Accounts;

/// <summary>Mints tokens, and says which ones are good.</summary>
internal sealed class Tokens(SigningKey key, IOptions<AccountOptions> options, TimeProvider clock)
{
    public const string UsernameClaim = "username";
    public const string RolesClaim = "roles";

    private const string Issuer = "chasqui";
    private const string Audience = "chasqui";
    private static readonly string[] Roles = ["user"];

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    public string Mint(UserId user, string username)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            Expires = now + options.Value.TokenLifetime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = user.Value.ToString(),
                [UsernameClaim] = username,
                [RolesClaim] = Roles,
            },
            SigningCredentials = new SigningCredentials(key.Value, SecurityAlgorithms.HmacSha256),
        });
    }

    /// <summary>What a token must be. The framework's own defaults are five minutes of skew and any algorithm.</summary>
    public TokenValidationParameters Validation => new()
    {
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        IssuerSigningKey = key.Value,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        RequireExpirationTime = true,
        ClockSkew = TimeSpan.FromSeconds(5),
        NameClaimType = UsernameClaim,
        RoleClaimType = RolesClaim,
    };
}
