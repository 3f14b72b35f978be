using System.Net;
using Chasqui.Protocol;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Accounts;

/// <summary>Who has logged in, or why nobody has.</summary>
internal readonly record struct Login(Account? Account, Error? Refusal);

/// <summary>
/// Checks names with their passwords. An unknown name and a wrong password take the same way: one turn in the throttle, one
/// hash in the lane, one answer.
/// </summary>
internal sealed class Logins(UserStore users, Passwords passwords, LoginThrottle throttle)
{
    public static readonly Error WrongCredentials = new()
    {
        Code = ErrorCodes.InvalidCredentials,
        Message = "The name or the password is wrong",
    };

    private static readonly Error Disabled = new() { Code = ErrorCodes.AccountDisabled, Message = "The account was disabled" };

    public static readonly Error WrongPassword = new() { Code = ErrorCodes.WrongPassword, Message = "The old password is wrong" };

    public async Task<Login> LogInAsync(LoginRequest request, IPAddress address, CancellationToken cancellationToken)
    {
        var isEmail = !string.IsNullOrWhiteSpace(request.Email);
        var identifier = isEmail ? request.Email! : request.Username!;
        var login = await CheckAsync(
            identifier,
            () => isEmail ? users.FindByEmailAsync(identifier, cancellationToken) : users.FindByUsernameAsync(identifier, cancellationToken),
            request.Password!,
            address,
            WrongCredentials,
            cancellationToken);
        return login.Account switch
        {
            null => login,
            { IsDisabled: true } => new Login(null, Disabled),
            { } account => login with { Account = await RenewAsync(account, request.Password!, cancellationToken) },
        };
    }

    /// <summary>Checks the password of somebody who has logged in: a stolen token is no way around the throttle.</summary>
    public Task<Login> ConfirmAsync(UserId user, string username, string password, IPAddress address, CancellationToken cancellationToken) =>
        CheckAsync(username, () => users.FindAsync(user, cancellationToken), password, address, WrongPassword, cancellationToken);

    private async Task<Login> CheckAsync(
        string identifier, Func<Task<Account?>> find, string password, IPAddress address, Error wrong, CancellationToken cancellationToken)
    {
        var attempt = await throttle.BeginAsync(identifier, address, cancellationToken);
        if (attempt.RetryAfterMs is { } wait)
        {
            return new Login(null, Throttled(wait));
        }

        var account = await find();
        switch (await passwords.VerifyAsync(password, account?.PasswordHash, cancellationToken))
        {
            case PasswordCheck.Busy:
                attempt.Withdraw();
                return new Login(null, passwords.Busy);
            case PasswordCheck.Wrong:
                return new Login(null, wrong);
            default:
                attempt.Succeed();
                return new Login(account, null);
        }
    }

    /// <summary>Brings a hash to the configured cost: only now is the password known.</summary>
    private async Task<Account> RenewAsync(Account account, string password, CancellationToken cancellationToken)
    {
        if (!passwords.IsOutdated(account.PasswordHash) || await passwords.HashAsync(password, cancellationToken) is not { } hash)
        {
            return account;
        }

        try
        {
            return await users.RehashAsync(account.Id, account.PasswordHash, hash) ? account with { PasswordHash = hash } : account;
        }
        catch (WriteRefusedException)
        {
            // The password was right all the same; the next login tries again.
            return account;
        }
    }

    private static Error Throttled(int wait) => new()
    {
        Code = ErrorCodes.RateLimited,
        Message = "Too many passwords were wrong",
        RetryAfterMs = wait,
    };
}
