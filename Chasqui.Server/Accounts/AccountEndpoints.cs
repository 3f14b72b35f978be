using Chasqui.Server.Errors;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Accounts;

internal static class AccountEndpoints
{
    public static void MapAccounts(this RouteGroupBuilder api)
    {
        var accounts = api.MapGroup("").AllowAnonymous().WithTags("Accounts").Refuses(ErrorCodes.InvalidField);
        accounts.MapPost("/register", Register).WithMetadata(new RegistrationEndpoint()).WithSummary("Creates an account")
            .WithDescription("Usernames and e-mail addresses are unique without regard to case.")
            .Refuses(ErrorCodes.UsernameTaken, ErrorCodes.EmailTaken, ErrorCodes.RateLimited).RefusesWrites();
        accounts.MapPost("/login", Login).WithSummary("Exchanges a password for a token")
            .WithDescription("Takes the e-mail address or the username. A wrong password and an account that does not exist get the same answer. "
                + "After failures, further attempts are refused or answered later.")
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
        var registration = await users.RegisterAsync(id, body.Username!, body.Email!, hash);
        if (registration != Registration.Created)
        {
            return Refusal.Of(registration == Registration.UsernameTaken ? ErrorCodes.UsernameTaken : ErrorCodes.EmailTaken);
        }

        AccountsLog.Registered(logger, id, address);
        return TypedResults.Ok(new Registered(id));
    }

    private static async Task<Results<Ok<LoggedIn>, ProblemHttpResult>> Login(
        LoginRequest body, HttpContext http, PasswordLogin login, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var (token, refusal) = await login.LogInAsync(body, ClientAddress.Of(http), cancellationToken);
        return token is not null ? TypedResults.Ok(new LoggedIn(token)) : Refusal.For(http, refusal!);
    }
}
