using Chasqui.Server.Configuration;

namespace Chasqui.Server.Accounts;

/// <summary>How passwords are hashed and tokens signed.</summary>
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

        if (PreviousSigningKey is not null && SigningKey is null)
        {
            yield return new ValidationResult($"{Section}:{nameof(PreviousSigningKey)} needs {Section}:{nameof(SigningKey)} too");
        }
    }
}
