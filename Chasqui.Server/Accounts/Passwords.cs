using System.Globalization;
using System.Net;
using System.Text;
using Chasqui.Protocol;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Accounts;

/// <summary>What came of checking a password.</summary>
internal enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>More are waiting than may; nothing was checked.</summary>
    Busy,
}

/// <summary>Passwords as bcrypt.</summary>
internal sealed class Passwords(PasswordHashQueue lane, IOptions<AccountOptions> options)
{
    public const int MinCharacters = 8;

    /// <summary>bcrypt reads no further, and does not say so.</summary>
    public const int MaxBytes = 72;

    /// <summary>What a password is told that is not acceptable, after its name.</summary>
    public static readonly string Rule = $"must have at least {MinCharacters} characters, at most {MaxBytes} bytes, and no U+0000";

    /// <summary>bcrypt ends the password with it and begins anew, so that it takes some that differ for the same.</summary>
    private const char Nul = '\0';

    private readonly int _cost = options.Value.BcryptCost;
    private int _checkingCost = options.Value.BcryptCost;

    /// <summary>What a caller is told for whom there is no room in the lane.</summary>
    public Error Busy => new()
    {
        Code = ErrorCodes.RateLimited,
        Message = "Too many are logging in at the moment",
        RetryAfterMs = lane.RetryAfterMs,
    };

    public static bool IsAcceptable(string password) =>
        password.EnumerateRunes().Count() >= MinCharacters && IsReadInFull(password);

    /// <summary>
    /// Tells of the costliest hash that is stored. Where the configured cost is lower, checking takes as long as that one
    /// all the same: otherwise it would show that its account exists.
    /// </summary>
    public void OnStored(int cost) => _checkingCost = Math.Max(_cost, cost);

    /// <summary>Whether a hash has another cost than the configured one.</summary>
    public bool IsOutdated(string hash) => Cost(hash) != _cost;

    /// <param name="password">What was typed.</param>
    /// <param name="address">Who asks; see <see cref="Limits.ClientAddress"/>.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <param name="highestCost">The most that the hash may cost.</param>
    /// <returns><see langword="null"/> when there is no room in the lane.</returns>
    public async Task<string?> HashAsync(
        string password, IPAddress address, CancellationToken cancellationToken, int highestCost = int.MaxValue) =>
        lane.TryRun("hash", address, () => BCrypt.Net.BCrypt.HashPassword(password, Math.Min(_cost, highestCost)), cancellationToken, out var hash)
            ? await hash
            : null;

    /// <param name="password">What was typed.</param>
    /// <param name="hash">The account's hash, or <see langword="null"/> when there is no such account.</param>
    /// <param name="address">Who asks; see <see cref="Limits.ClientAddress"/>.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async Task<PasswordCheck> VerifyAsync(string password, string? hash, IPAddress address, CancellationToken cancellationToken) =>
        !lane.TryRun("verify", address, () => Verify(password, hash), cancellationToken, out var isRight) ? PasswordCheck.Busy
        : await isRight ? PasswordCheck.Right
        : PasswordCheck.Wrong;

    /// <summary>Takes the same time whether or not there is a hash, and whatever the hash has cost.</summary>
    private bool Verify(string password, string? hash)
    {
        if (hash is null)
        {
            BCrypt.Net.BCrypt.Verify(password, Nobody(_checkingCost));
            return false;
        }

        var isRight = BCrypt.Net.BCrypt.Verify(password, hash) && IsReadInFull(password);
        // A hash that was made at a lower cost: each step doubles the time, so that once at each missing step adds up.
        for (var cost = Cost(hash); cost < _checkingCost; cost++)
        {
            BCrypt.Net.BCrypt.Verify(password, Nobody(cost));
        }

        return isRight;
    }

    private static bool IsReadInFull(string password) => Encoding.UTF8.GetByteCount(password) <= MaxBytes && !password.Contains(Nul);

    /// <summary>A hash that is well-formed, and of no password.</summary>
    private static string Nobody(int cost) => $"$2a${cost:00}${new string('.', 53)}";

    private static int Cost(string hash) => int.Parse(hash.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture);
}
