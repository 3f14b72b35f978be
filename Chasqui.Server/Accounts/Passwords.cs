using Chasqui.Server.Errors;

namespace Chasqui.Server.Accounts;

internal enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>Right as it was typed: its hash is older than the rule that passwords are normalized.</summary>
    RightAsTyped,

    /// <summary>The queue is full; nothing was checked.</summary>
    Busy,
}

/// <summary>
/// Hashes and checks passwords with bcrypt, as RFC 8265's OpaqueString: devices differ in the form in which they send the same
/// letters.
/// </summary>
internal sealed class Passwords(PasswordHashQueue queue, IOptions<AccountOptions> options)
{
    public const int MinCharacters = 8;

    /// <summary>bcrypt ignores what follows.</summary>
    public const int MaxBytes = 72;

    /// <summary>The rule for a password, to follow its name.</summary>
    public static readonly string Rule =
        $"must have at least {MinCharacters} characters, at most {MaxBytes} bytes, and no U+0000";

    /// <summary>A character in Unicode's composed form has at most this many in another one.</summary>
    private const int MaxExpansion = 4;

    /// <summary>bcrypt ends the password with it and starts again, so that different passwords have the same hash.</summary>
    private const char Nul = '\0';

    /// <summary>The framework refuses to normalize it.</summary>
    private const char Noncharacter = '\uFFFE';

    private readonly int _cost = options.Value.BcryptCost;
    private int _checkingCost = options.Value.BcryptCost;

    /// <summary>The refusal when the queue is full.</summary>
    public Error Busy => ErrorCatalog.Of(ErrorCodes.RateLimited) with
    {
        Message = "Too many logins at the moment; try again later",
        RetryAfterMs = queue.RetryAfterMs,
    };

    public static bool IsAcceptable(string password) =>
        Form(password) is var form && IsReadInFull(form) && form.EnumerateRunes().Count() >= MinCharacters;

    /// <summary>
    /// Takes the highest cost of the stored hashes. Where the configured cost is lower, every check takes as long as that hash:
    /// otherwise the time would show that its account exists.
    /// </summary>
    public void OnStored(int cost) => _checkingCost = Math.Max(_cost, cost);

    /// <summary>Whether a hash has another cost than the configured one.</summary>
    public bool IsOutdated(string hash) => Cost(hash) != _cost;

    /// <param name="password">As typed; an acceptable one.</param>
    /// <param name="address">The caller; see <see cref="Limits.ClientAddress"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="highestCost">The most that the hash may cost.</param>
    /// <returns><see langword="null"/> if the queue is full.</returns>
    public Task<string?> HashAsync(
        string password, IPAddress address, CancellationToken cancellationToken, int highestCost = int.MaxValue) =>
        queue.RunAsync(
            PasswordHashQueue.NewPassword,
            address,
            () => BCrypt.Net.BCrypt.HashPassword(Form(password), Math.Min(_cost, highestCost)),
            busy: null,
            cancellationToken);

    /// <param name="password">As typed.</param>
    /// <param name="hash">The hash of the account, or <see langword="null"/> if there is no such account.</param>
    /// <param name="address">The caller; see <see cref="Limits.ClientAddress"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<PasswordCheck> VerifyAsync(
        string password, string? hash, IPAddress address, CancellationToken cancellationToken) =>
        queue.RunAsync(PasswordHashQueue.Check, address, () => Verify(password, hash), PasswordCheck.Busy, cancellationToken);

    private PasswordCheck Verify(string password, string? hash)
    {
        var form = Form(password);
        return IsRight(form, hash) ? PasswordCheck.Right
            : form != password && IsRight(password, hash) ? PasswordCheck.RightAsTyped
            : PasswordCheck.Wrong;
    }

    /// <summary>Takes the same time with and without a hash, and for every cost of a hash.</summary>
    private bool IsRight(string password, string? hash)
    {
        if (hash is null)
        {
            BCrypt.Net.BCrypt.Verify(password, HashOfNoPassword(_checkingCost));
            return false;
        }

        var isRight = BCrypt.Net.BCrypt.Verify(password, hash) && IsReadInFull(password);
        // Each step of the cost doubles the time, so one check at each missing step adds up to the time of the checking cost.
        for (var cost = Cost(hash); cost < _checkingCost; cost++)
        {
            BCrypt.Net.BCrypt.Verify(password, HashOfNoPassword(cost));
        }

        return isRight;
    }

    /// <summary>
    /// What is hashed. A few letters grow when they are normalized: a password that is then too long stays as it is.
    /// </summary>
    private static string Form(string password)
    {
        if (password.Length > MaxExpansion * MaxBytes || password.Contains(Noncharacter))
        {
            return password;
        }

        var normalized = string.Concat(password.Select(character =>
            char.GetUnicodeCategory(character) == UnicodeCategory.SpaceSeparator ? ' ' : character)).Normalize();
        return IsReadInFull(normalized) ? normalized : password;
    }

    private static bool IsReadInFull(string password) => Encoding.UTF8.GetByteCount(password) <= MaxBytes && !password.Contains(Nul);

    private static string HashOfNoPassword(int cost) => $"$2a${cost:00}${new string('.', 53)}";

    private static int Cost(string hash) => int.Parse(hash.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture);
}
