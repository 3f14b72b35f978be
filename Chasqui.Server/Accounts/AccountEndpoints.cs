using Chasqui.Server.Errors;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Accounts;

internal static class AccountEndpoints
{
    public static void MapAccounts(this RouteGroupBuilder api)
    {
        var accounts = api.MapGroup("").AllowAnonymous().WithTags("Accounts").Refuses(ErrorCodes.InvalidField)
            .WithMetadata(new RequestSizeLimitAttribute(FixedLimits.AnonymousBodyBytes));
        accounts.MapPost("/register", Register).WithMetadata(new RegistrationEndpoint()).WithSummary("Creates an account")
            .WithDescription("Usernames and e-mail addresses are unique without regard to case. "
                + "`registration` in `GET /api/protocol` says who may register.")
            .Refuses(ErrorCodes.UsernameTaken, ErrorCodes.EmailTaken, ErrorCodes.RateLimited, ErrorCodes.RegistrationClosed,
                ErrorCodes.InvitationRequired, ErrorCodes.InvitationInvalid)
            .RefusesWrites();
        accounts.MapPost("/login", Login).WithSummary("Exchanges a password for a token")
            .WithDescription("Takes the e-mail address or the username. A wrong password and an account that does not exist get the same answer. "
                + "After failures, further attempts are refused or answered later.")
            .Refuses(ErrorCodes.InvalidCredentials, ErrorCodes.AccountDisabled, ErrorCodes.RateLimited).RefusesWrites();
    }

    private static async Task<Results<Ok<Registered>, ProblemHttpResult>> Register(
        RegisterRequest body, HttpContext http, UserStore users, Passwords passwords, InvitationStore invitations,
        IOptions<AccountOptions> options, ILogger<UserStore> logger, CancellationToken cancellationToken)
    {
        var mode = options.Value.Registration;
        // Before the password costs a hash.
        if (await RefusalOfAsync(mode, body.Invite, invitations, cancellationToken) is { } refused)
        {
            return Refusal.Of(refused);
        }

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
        var invitation = mode == RegistrationModes.Invited ? body.Invite : null;
        switch (await users.RegisterAsync(id, body.Username!, body.Email!, hash, invitation))
        {
            case Registration.UsernameTaken:
                return Refusal.Of(ErrorCodes.UsernameTaken);
            case Registration.EmailTaken:
                return Refusal.Of(ErrorCodes.EmailTaken);
            case Registration.InvitationInvalid:
                return Refusal.Of(ErrorCodes.InvitationInvalid);
            default:
                AccountsLog.Registered(logger, id, address);
                return TypedResults.Ok(new Registered(id));
        }
    }

    /// <returns>The code of the refusal, or <see langword="null"/>.</returns>
    private static async Task<string?> RefusalOfAsync(
        string mode, string? invitation, InvitationStore invitations, CancellationToken cancellationToken) => mode switch
        {
            RegistrationModes.Closed => ErrorCodes.RegistrationClosed,
            RegistrationModes.Invited when string.IsNullOrWhiteSpace(invitation) => ErrorCodes.InvitationRequired,
            RegistrationModes.Invited when !await invitations.IsGoodAsync(invitation, cancellationToken) =>
                ErrorCodes.InvitationInvalid,
            _ => null,
        };

    private static async Task<Results<Ok<LoggedIn>, ProblemHttpResult>> Login(
        LoginRequest body, HttpContext http, PasswordLogin login, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var (token, refusal) = await login.LogInAsync(body, ClientAddress.Of(http), ClientOrigin.Of(http), cancellationToken);
        return token is not null ? TypedResults.Ok(new LoggedIn(token)) : Refusal.For(http, refusal!);
    }
}
