using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chasqui.Server.Accounts;

/// <summary>Registering and logging in.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this RouteGroupBuilder api)
    {
        var accounts = api.MapGroup("").AllowAnonymous().WithTags("Accounts").Refuses(ErrorCodes.InvalidField);
        accounts.MapPost("/register", Register).WithSummary("Creates an account")
            .WithDescription("Usernames and e-mail addresses are unique without regard to case.")
            .Refuses(ErrorCodes.UsernameTaken, ErrorCodes.EmailTaken).RefusesWrites();
        accounts.MapPost("/login", Login).WithSummary("Exchanges a password for a token")
            .WithDescription("Takes the e-mail address or the username. A wrong password and an account that does not exist get the same answer.")
            .Refuses(ErrorCodes.InvalidCredentials, ErrorCodes.AccountDisabled).RefusesWrites();
    }

    private static async Task<Results<Ok<Registered>, ProblemHttpResult>> Register(
        RegisterRequest body, UserStore users, Passwords passwords, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.BadRequest(ErrorCodes.InvalidField, problem);
        }

        var hash = await passwords.HashAsync(body.Password!, cancellationToken);
        var id = UserId.New();
        return await users.RegisterAsync(id, body.Username!, body.Email!, hash) switch
        {
            Registration.UsernameTaken => Refusal.Conflict(ErrorCodes.UsernameTaken, "That username is taken"),
            Registration.EmailTaken => Refusal.Conflict(ErrorCodes.EmailTaken, "That e-mail address is taken"),
            _ => TypedResults.Ok(new Registered(id)),
        };
    }

    private static async Task<Results<Ok<LoggedIn>, ProblemHttpResult>> Login(
        LoginRequest body, UserStore users, Passwords passwords, Tokens tokens, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.BadRequest(ErrorCodes.InvalidField, problem);
        }

        var account = string.IsNullOrWhiteSpace(body.Email)
            ? await users.FindByUsernameAsync(body.Username!, cancellationToken)
            : await users.FindByEmailAsync(body.Email, cancellationToken);
        if (!await passwords.VerifyAsync(body.Password!, account?.PasswordHash, cancellationToken))
        {
            return WrongCredentials();
        }

        return account!.IsDisabled ? Refusal.Unauthorized(ErrorCodes.AccountDisabled, "The account was disabled")
            : await tokens.MintAsync(account) is { } token ? TypedResults.Ok(new LoggedIn(token))
            // The password was right a moment ago, and was changed since.
            : WrongCredentials();
    }

    private static ProblemHttpResult WrongCredentials() =>
        Refusal.Unauthorized(ErrorCodes.InvalidCredentials, "The name or the password is wrong");
}
