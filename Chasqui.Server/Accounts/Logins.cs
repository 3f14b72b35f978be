using System.Net;
using Chasqui.Protocol;

namespace Chasqui.Server.Accounts;

/// <summary>A token, or why there is none.</summary>
internal readonly record struct Login(string? Token, Error? Refusal);

/// <summary>
/// Checks names with their passwords. An unknown name and a wrong password take the same way: one turn in the throttle, one
/// hash in the lane, one answer.
/// </summary>
internal sealed class Logins(UserStore users, Passwords passwords, LoginThrottle throttle, Tokens tokens)
{
    private static readonly Login WrongCredentials = Refused(ErrorCodes.InvalidCredentials, "The name or the password is wrong");
    private static readonly Login AccountDisabled = Refused(ErrorCodes.AccountDisabled, "The account was disabled");

    public async Task<Login> LogInAsync(LoginRequest request, IPAddress address, CancellationToken cancellationToken)
    {
        var byEmail = !string.IsNullOrWhiteSpace(request.Email);
        var identifier = byEmail ? request.Email! : request.Username!;
        var attempt = await throttle.BeginAsync(identifier, address, cancellationToken);
        if (attempt.RetryAfterMs is { } wait)
        {
            return Refused(ErrorCodes.RateLimited, "Too many logins have failed", wait);
        }

        // Once more when the hash has changed since it was read: perhaps another login has only brought it to another cost.
        for (var checks = 0; checks < 2; checks++)
        {
            var account = byEmail
                ? await users.FindByEmailAsync(identifier, cancellationToken)
                : await users.FindByUsernameAsync(identifier, cancellationToken);
            switch (await passwords.VerifyAsync(request.Password!, account?.PasswordHash, cancellationToken))
            {
                case PasswordCheck.Busy:
                    attempt.Withdraw();
                    return new Login(null, passwords.Busy);
                case PasswordCheck.Wrong:
                    return WrongCredentials;
            }

            attempt.Succeed();
            if (account!.IsDisabled)
            {
                return AccountDisabled;
            }

            account = await RenewHashAsync(account, request.Password!, cancellationToken);
            if (await tokens.MintAsync(account) is { } token)
            {
                return new Login(token, null);
            }
        }

        return WrongCredentials;
    }

    /// <summary>Brings a hash to the configured cost: only now is the password known.</summary>
    private async Task<Account> RenewHashAsync(Account account, string password, CancellationToken cancellationToken) =>
        passwords.IsOutdated(account.PasswordHash)
        && await passwords.HashAsync(password, cancellationToken) is { } hash
        && await users.RenewHashAsync(account, hash)
            ? account with { PasswordHash = hash }
            : account;

    private static Login Refused(string code, string sentence, int? wait = null) =>
        new(null, new Error { Code = code, Message = sentence, RetryAfterMs = wait });
}
