using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Chasqui.Server.Limits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chasqui.Server.Accounts;

/// <summary>Registering and logging in.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this RouteGroupBuilder api)
    {
        var accounts = api.MapGroup("").AllowAnonymous().WithTags("Accounts").Refuses(ErrorCodes.InvalidField);
        accounts.MapPost("/register", Register).WithMetadata(new Registers()).WithSummary("Creates an account")
            .WithDescription("Usernames and e-mail addresses are unique without regard to case.")
            .Refuses(ErrorCodes.UsernameTaken, ErrorCodes.EmailTaken, ErrorCodes.RateLimited).RefusesWrites();
        accounts.MapPost("/login", Login).WithSummary("Exchanges a password for a token")
            .WithDescription("Takes the e-mail address or the username. A wrong password and an account that does not exist get the same answer. "
                + "After failures further attempts are refused for a while, or answered later.")
            .Refuses(ErrorCodes.InvalidCredentials, ErrorCodes.AccountDisabled, ErrorCodes.RateLimited).RefusesWrites();
    }

    private static async Task<Results<Ok<Registered>, ProblemHttpResult>> Register(
        RegisterRequest body, HttpContext http, UserStore users, Passwords passwords, ILogger<UserStore> logger,
        CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var address = ClientAddress.Of(http);
        if (await passwords.HashAsync(body.Password!, address, cancellationToken) is not { } hash)
        {
            return Refusal.For(http, passwords.Busy);
        }

        var id = UserId.New();
        switch (await users.RegisterAsync(id, body.Username!, body.Email!, hash))
        {
            case Registration.UsernameTaken:
                return Refusal.Of(ErrorCodes.UsernameTaken);
            case Registration.EmailTaken:
                return Refusal.Of(ErrorCodes.EmailTaken);
            default:
                AccountsLog.Registered(logger, id, address);
                return TypedResults.Ok(new Registered(id));
        }
    }

    private static async Task<Results<Ok<LoggedIn>, ProblemHttpResult>> Login(
        LoginRequest body, HttpContext http, Logins logins, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var login = await logins.LogInAsync(body, ClientAddress.Of(http), cancellationToken);
        return login.Token is { } token ? TypedResults.Ok(new LoggedIn(token)) : Refusal.For(http, login.Refusal!);
    }
}
