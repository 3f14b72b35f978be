using System.Net;
using Chasqui.Protocol;
using Chasqui.Server.Errors;

namespace Chasqui.Server.Accounts;

/// <summary>A token for somebody who has logged in, or why there is none.</summary>
internal readonly record struct Login(string? Token, Error? Refusal);

/// <summary>An account whose password was given, or why it does not count.</summary>
internal readonly record struct Confirmation(Account? Account, Error? Refusal);

/// <summary>
/// Checks names with their passwords. An unknown name and a wrong password take the same way: one turn in the throttle, one
/// hash in the lane, one answer.
/// </summary>
internal sealed class Logins(
    UserStore users, Passwords passwords, LoginThrottle throttle, Tokens tokens, ILogger<Logins> logger)
{
    public static readonly Error WrongPassword = ErrorCatalog.Of(ErrorCodes.WrongPassword);

    private static readonly Error WrongCredentials = ErrorCatalog.Of(ErrorCodes.InvalidCredentials);

    private static readonly Error Disabled = ErrorCatalog.Of(ErrorCodes.AccountDisabled);

    public async Task<Login> LogInAsync(LoginRequest request, IPAddress address, CancellationToken cancellationToken)
    {
        var isEmail = !string.IsNullOrWhiteSpace(request.Email);
        var identifier = isEmail ? request.Email! : request.Username!;
        // Once more when the hash has changed since it was read: perhaps another login has only brought it to another cost.
        for (var attempts = 0; attempts < 2; attempts++)
        {
            var (account, refusal) = await CheckAsync(
                identifier,
                () => isEmail ? users.FindByEmailAsync(identifier, cancellationToken) : users.FindByUsernameAsync(identifier, cancellationToken),
                request.Password!,
                address,
                WrongCredentials,
                cancellationToken);
            if (account is null)
            {
                return new Login(null, refusal);
            }

            if (account.IsDisabled)
            {
                AccountsLog.Disabled(logger, account.Id, address);
                return new Login(null, Disabled);
            }

            if (await tokens.MintAsync(await RenewHashAsync(account, request.Password!, address, cancellationToken)) is { } token)
            {
                AccountsLog.LoggedIn(logger, account.Id, address);
                return new Login(token, null);
            }
        }

        return new Login(null, WrongCredentials);
    }

    /// <summary>Checks the password of somebody who has logged in: a stolen token is no way around the throttle.</summary>
    public Task<Confirmation> ConfirmAsync(
        UserId user, string username, string password, IPAddress address, CancellationToken cancellationToken) =>
        CheckAsync(username, () => users.FindAsync(user, cancellationToken), password, address, WrongPassword, cancellationToken);

    private async Task<Confirmation> CheckAsync(
        string identifier, Func<Task<Account?>> find, string password, IPAddress address, Error wrong, CancellationToken cancellationToken)
    {
        var attempt = await throttle.BeginAsync(identifier, address, cancellationToken);
        if (attempt.RetryAfterMs is { } wait)
        {
            return new Confirmation(null, Throttled(wait));
        }

        try
        {
            var account = await find();
            switch (await passwords.VerifyAsync(password, account?.PasswordHash, address, cancellationToken))
            {
                case PasswordCheck.Busy:
                    attempt.Withdraw();
                    return new Confirmation(null, passwords.Busy);
                case PasswordCheck.Wrong:
                    LogWrong(account, address);
                    return new Confirmation(null, wrong);
                default:
                    attempt.Succeed();
                    return new Confirmation(account, null);
            }
        }
        catch
        {
            // Nothing was found out: the caller has hung up, or the database failed.
            attempt.Withdraw();
            throw;
        }
    }

    /// <summary>Brings a hash to the configured cost: only now is the password known.</summary>
    private async Task<Account> RenewHashAsync(Account account, string password, IPAddress address, CancellationToken cancellationToken) =>
        passwords.IsOutdated(account.PasswordHash)
        && await passwords.HashAsync(password, address, cancellationToken) is { } hash
        && await users.RenewHashAsync(account, hash)
            ? account with { PasswordHash = hash }
            : account;

    private void LogWrong(Account? account, IPAddress address)
    {
        if (account is null)
        {
            AccountsLog.UnknownAccount(logger, address);
        }
        else
        {
            AccountsLog.WrongPassword(logger, account.Id, address);
        }
    }

    private static Error Throttled(int wait) => new()
    {
        Code = ErrorCodes.RateLimited,
        Message = "Too many passwords were wrong",
        RetryAfterMs = wait,
    };
}
