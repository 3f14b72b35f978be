using Chasqui.Server.Errors;

namespace Chasqui.Server.Accounts;

/// <summary>An account whose password was right, or the refusal.</summary>
internal readonly record struct Confirmation(Account? Account, Error? Refusal);

/// <summary>
/// Checks passwords. An unknown name and a wrong password take the same path: one attempt in the throttle, one hash in the queue,
/// one answer.
/// </summary>
internal sealed class PasswordLogin(
    UserStore users, Passwords passwords, LoginThrottle throttle, Tokens tokens, ILogger<PasswordLogin> logger)
{
    public static readonly Error WrongPassword = ErrorCatalog.Of(ErrorCodes.WrongPassword);

    private static readonly Error WrongCredentials = ErrorCatalog.Of(ErrorCodes.InvalidCredentials);

    private static readonly Error Disabled = ErrorCatalog.Of(ErrorCodes.AccountDisabled);

    private static readonly Error Throttled =
        ErrorCatalog.Of(ErrorCodes.RateLimited) with { Message = "Too many wrong passwords; try again later" };

    public async Task<(string? Token, Error? Refusal)> LogInAsync(
        LoginRequest request, IPAddress address, CancellationToken cancellationToken)
    {
        var isEmail = !string.IsNullOrWhiteSpace(request.Email);
        var identifier = isEmail ? request.Email! : request.Username!;
        // A second time if the hash changed after it was read: a concurrent login may only have changed its cost.
        for (var attempts = 0; attempts < 2; attempts++)
        {
            var (account, refusal) = await CheckAsync(
                identifier,
                () => isEmail
                    ? users.FindByEmailAsync(identifier, cancellationToken)
                    : users.FindByUsernameAsync(identifier, cancellationToken),
                request.Password!,
                address,
                WrongCredentials,
                cancellationToken);
            if (account is null)
            {
                return (null, refusal);
            }

            if (account.IsDisabled)
            {
                AccountsLog.Disabled(logger, account.Id, address);
                return (null, Disabled);
            }

            if (await tokens.MintAsync(await RenewHashAsync(account, request.Password!, address, cancellationToken)) is { } token)
            {
                AccountsLog.LoggedIn(logger, account.Id, address);
                return (token, null);
            }
        }

        return (null, WrongCredentials);
    }

    /// <summary>Checks the password of a logged-in user. It is throttled too, since the token may be stolen.</summary>
    public Task<Confirmation> ConfirmAsync(
        UserId user, string username, string password, IPAddress address, CancellationToken cancellationToken) =>
        CheckAsync(username, () => users.FindAsync(user, cancellationToken), password, address, WrongPassword, cancellationToken);

    private async Task<Confirmation> CheckAsync(
        string identifier, Func<Task<Account?>> find, string password, IPAddress address, Error wrong, CancellationToken cancellationToken)
    {
        var attempt = await throttle.BeginAsync(identifier, address, cancellationToken);
        if (attempt.RetryAfterMs is { } wait)
        {
            return new Confirmation(null, Throttled with { RetryAfterMs = wait });
        }

        try
        {
            var account = await find();
            switch (await passwords.VerifyAsync(password, account?.PasswordHash, address, cancellationToken))
            {
                case PasswordCheck.Busy:
                    attempt.Withdraw();
                    return new Confirmation(null, passwords.Busy);
                case PasswordCheck.Wrong when account is null:
                    AccountsLog.UnknownAccount(logger, address);
                    return new Confirmation(null, wrong);
                case PasswordCheck.Wrong:
                    AccountsLog.WrongPassword(logger, account.Id, address);
                    return new Confirmation(null, wrong);
                default:
                    attempt.Succeed();
                    return new Confirmation(account, null);
            }
        }
        catch
        {
            // No password was checked: the caller disconnected, or the database failed.
            attempt.Withdraw();
            throw;
        }
    }

    /// <summary>Gives the hash the configured cost, now that the password is known.</summary>
    private async Task<Account> RenewHashAsync(Account account, string password, IPAddress address, CancellationToken cancellationToken) =>
        passwords.IsOutdated(account.PasswordHash)
        && await passwords.HashAsync(password, address, cancellationToken) is { } hash
        && await users.RenewHashAsync(account, hash)
            ? account with { PasswordHash = hash }
            : account;
}
