using Chasqui.Server.Configuration;

namespace Chasqui.Server.Accounts;

/// <summary>Who may register; also what clients are told.</summary>
internal static class RegistrationModes
{
    public const string Open = "open";
    public const string Invited = "invited";
    public const string Closed = "closed";

    public static readonly string[] All = [Open, Invited, Closed];
}

/// <summary>Who may register, how passwords are hashed and tokens signed.</summary>
internal sealed class AccountOptions : IOptionsSection, IValidatableObject
{
    private const int MinKeyBytes = 32;

    public static string Section => "Accounts";

    /// <summary>
    /// The HMAC key in base64, at least 32 bytes. Without one the server creates a key and keeps it in the database.
    /// </summary>
    public string? SigningKey { get; set; }

    /// <summary>The previous key; tokens that it signed stay valid.</summary>
    public string? PreviousSigningKey { get; set; }

    /// <summary>How long a token is valid, as <c>d.hh:mm:ss</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long after its login a client can renew its token, as <c>d.hh:mm:ss</c>. It then needs the password again.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Who may register: everyone (<c>open</c>), holders of an invitation (<c>invited</c>), or no one (<c>closed</c>). The
    /// operator makes invitations with <c>invites create</c>, and accounts with <c>users add</c>.
    /// </summary>
    public string Registration { get; set; } = RegistrationModes.Open;

    /// <summary>bcrypt's work factor: each step doubles the time.</summary>
    [Range(4, 16)]
    public int BcryptCost { get; set; } = 11;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, key) in new[] { (nameof(SigningKey), SigningKey), (nameof(PreviousSigningKey), PreviousSigningKey) })
        {
            if (key is not null
                && (!Convert.TryFromBase64String(key, new byte[key.Length], out var length) || length < MinKeyBytes))
            {
                yield return new ValidationResult($"{Section}:{name} must be base64 of at least {MinKeyBytes} bytes");
            }
        }

        if (!RegistrationModes.All.Contains(Registration))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(Registration)} must be {string.Join(", ", RegistrationModes.All)}; it is '{Registration}'");
        }

        if (PreviousSigningKey is not null && SigningKey is null)
        {
            yield return new ValidationResult($"{Section}:{nameof(PreviousSigningKey)} needs {Section}:{nameof(SigningKey)} too");
        }
    }
}
