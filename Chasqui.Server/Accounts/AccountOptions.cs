using Chasqui.Server.Configuration;

namespace Chasqui.Server.Accounts;

/// <summary>How passwords are hashed and tokens signed.</summary>
internal sealed class AccountOptions : IValidatedOptions
{
    private const int MinKeyBytes = 32;

    public static string Section => "Accounts";

    /// <summary>The HMAC key in base64, at least 32 bytes; without one the server makes its own and keeps it in the database.</summary>
    public string? SigningKey { get; set; }

    /// <summary>The key that was configured before; tokens that were signed with it stay good.</summary>
    public string? PreviousSigningKey { get; set; }

    /// <summary>How long a token is good for, as <c>d.hh:mm:ss</c>.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>bcrypt's work factor: each step doubles the time.</summary>
    public int BcryptCost { get; set; } = 11;

    /// <summary>Passwords that wait to be hashed or checked; one more is refused.</summary>
    public int MaxQueuedPasswords { get; set; } = 64;

    public IEnumerable<string> Problems()
    {
        if (SigningKey is not null && KeyProblem(SigningKey) is { } problem)
        {
            yield return "Accounts:SigningKey " + problem;
        }

        if (PreviousSigningKey is not null && KeyProblem(PreviousSigningKey) is { } previousProblem)
        {
            yield return "Accounts:PreviousSigningKey " + previousProblem;
        }

        if (PreviousSigningKey is not null && SigningKey is null)
        {
            yield return "Accounts:PreviousSigningKey needs Accounts:SigningKey beside it";
        }

        if (TokenLifetime < TimeSpan.FromSeconds(1) || TokenLifetime > TimeSpan.FromDays(365))
        {
            yield return "Accounts:TokenLifetime must be between 00:00:01 and 365.00:00:00 (d.hh:mm:ss)";
        }

        if (this.Outside(nameof(BcryptCost), BcryptCost, 4, 16) is { } costProblem)
        {
            yield return costProblem;
        }

        if (this.Outside(nameof(MaxQueuedPasswords), MaxQueuedPasswords, 1, 10_000) is { } queueProblem)
        {
            yield return queueProblem;
        }
    }

    private static string? KeyProblem(string key)
    {
        var bytes = new byte[key.Length];
        return !Convert.TryFromBase64String(key, bytes, out var length) ? "must be base64"
            : length < MinKeyBytes ? $"must hold at least {MinKeyBytes} bytes; it holds {length}"
            : null;
    }
}
