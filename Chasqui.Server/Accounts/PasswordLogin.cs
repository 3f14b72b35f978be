using Chasqui.Server.Errors;

namespace Chasqui.Server.Accounts;

/// <summary>An account whose password was right, or the refusal.</summary>
/// <param name="Account">The account.</param>
/// <param name="Refusal">The refusal.</param>
/// <param name="IsOutdated">Whether its password needs another hash.</param>
internal readonly record struct Confirmation(Account? Account, Error? Refusal, bool IsOutdated = false);

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
        LoginRequest request, IPAddress address, ClientOrigin origin, CancellationToken cancellationToken)
    {
        var isEmail = !string.IsNullOrWhiteSpace(request.Email);
        var identifier = isEmail ? request.Email! : request.Username!;
        // A second time if the hash changed after it was read: a concurrent login may only have changed its cost.
        for (var attempts = 0; attempts < 2; attempts++)
        {
            var (account, refusal, isOutdated) = await CheckAsync(
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

            if (isOutdated)
            {
                account = await RenewHashAsync(account, request.Password!, address, cancellationToken);
            }

            if (await tokens.MintAsync(account, origin) is { } token)
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
        using var attempt = await throttle.BeginAsync(identifier, address, cancellationToken);
        if (attempt.RetryAfterMs is { } wait)
        {
            return new Confirmation(null, (attempt.IsCrowded ? passwords.Busy : Throttled) with { RetryAfterMs = wait });
        }

        var account = await find();
        var check = await passwords.VerifyAsync(password, account?.PasswordHash, address, cancellationToken);
        switch (check)
        {
            case PasswordCheck.Busy:
                return new Confirmation(null, passwords.Busy);
            case PasswordCheck.Wrong when account is null:
                attempt.Fail();
                AccountsLog.UnknownAccount(logger, address);
                return new Confirmation(null, wrong);
            case PasswordCheck.Wrong:
                attempt.Fail();
                AccountsLog.WrongPassword(logger, account!.Id, address);
                return new Confirmation(null, wrong);
            default:
                attempt.Succeed();
                var isOutdated = check == PasswordCheck.RightAsTyped || passwords.IsOutdated(account!.PasswordHash);
                return new Confirmation(account, null, isOutdated);
        }
    }

    /// <summary>Gives the hash the configured cost and the normalized password, now that the password is known.</summary>
    private async Task<Account> RenewHashAsync(Account account, string password, IPAddress address, CancellationToken cancellationToken) =>
        await passwords.HashAsync(password, address, cancellationToken) is { } hash
        && await users.RenewHashAsync(account, hash)
            ? account with { PasswordHash = hash }
            : account;
}
