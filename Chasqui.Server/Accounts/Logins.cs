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
    private static readonly Error WrongCredentials = new()
    {
        Code = ErrorCodes.InvalidCredentials,
        Message = "The name or the password is wrong",
    };

    public async Task<Login> LogInAsync(LoginRequest request, IPAddress address, CancellationToken cancellationToken)
    {
        var (isEmail, password) = (!string.IsNullOrWhiteSpace(request.Email), request.Password!);
        var identifier = isEmail ? request.Email! : request.Username!;
        var attempt = await throttle.BeginAsync(identifier, address, cancellationToken);
        if (attempt.RetryAfterMs is { } wait)
        {
            return new Login(null, Throttled(wait));
        }

        var account = isEmail
            ? await users.FindByEmailAsync(identifier, cancellationToken)
            : await users.FindByUsernameAsync(identifier, cancellationToken);
        switch (await passwords.VerifyAsync(password, account?.PasswordHash, cancellationToken))
        {
            case PasswordCheck.Busy:
                attempt.Withdraw();
                return new Login(null, passwords.Busy);
            case PasswordCheck.Wrong:
                return new Login(null, WrongCredentials);
            default:
                attempt.Succeed();
                await RenewAsync(account!, password, cancellationToken);
                return new Login(account, null);
        }
    }

    /// <summary>Brings a hash to the configured cost: only now is the password known.</summary>
    private async Task RenewAsync(Account account, string password, CancellationToken cancellationToken)
    {
        if (!passwords.IsOutdated(account.PasswordHash) || await passwords.HashAsync(password, cancellationToken) is not { } hash)
        {
            return;
        }

        try
        {
            await users.RehashAsync(account.Id, account.PasswordHash, hash);
        }
        catch (WriteRefusedException)
        {
            // The password was right all the same; the next login tries again.
        }
    }

    private static Error Throttled(int wait) => new()
    {
        Code = ErrorCodes.RateLimited,
        Message = "Too many logins have failed",
        RetryAfterMs = wait,
    };
}
