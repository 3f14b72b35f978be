using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Accounts;

internal static class TokenEndpoints
{
    public static void MapTokens(this RouteGroupBuilder api)
    {
        var tokens = api.MapGroup("").WithTags("Accounts").RefusesWrites();
        var ending = tokens.MapGroup("").WithMetadata(new TokenEndingEndpoint());
        ending.MapPost("/logout", Logout).WithSummary("Ends the session of this call, with all its tokens")
            .WithDescription("Sockets that were opened with them close with 4401 within two seconds.");
        ending.MapPost("/logout/all", LogoutAll).WithSummary("Ends every token of the caller")
            .WithDescription("Sockets that were opened with them close with 4401 within two seconds.");
        ending.MapDelete("/sessions/{id}", EndSession).WithSummary("Ends a session of the caller, with all its tokens")
            .WithDescription("Sockets that were opened with them close with 4401 within two seconds.")
            .Refuses(ErrorCodes.NotFound);
        tokens.MapGet("/sessions", Sessions).WithSummary("The caller's sessions, one for each login")
            .WithDescription("The session that was seen last comes first.");
        tokens.MapPost("/token", Renew).WithSummary("Exchanges a good token for a fresh one")
            .WithDescription("The old one stays good until it expires. Fresh tokens expire `Accounts:SessionLifetime` after the login at "
                + "the latest. Within the first minutes of the newest token of the session, that one is the answer.");
        ending.MapPost("/password", ChangePassword).WithSummary("Changes the caller's password")
            .WithMetadata(new RequestSizeLimitAttribute(FixedLimits.AnonymousBodyBytes))
            .WithDescription("Ends every other token of the caller; the token of this call stays valid.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.WrongPassword, ErrorCodes.RateLimited);
        tokens.MapPost("/ws/ticket", IssueTicket).WithMetadata(new TicketEndpoint()).Refuses(ErrorCodes.OriginNotAllowed)
            .WithSummary("Issues a ticket that opens one socket")
            .WithDescription("Valid for one WebSocket handshake as `?ticket=`, so that no token is in an address; a refused handshake may "
                + "use it up too. The socket lives as long as the token of this call. SignalR clients that use it skip the negotiation.");
    }

    private static async Task<Ok<StatusResponse>> Logout(TokenStore tokens, ClaimsPrincipal caller, ILogger<TokenStore> logger)
    {
        await tokens.EndSessionOfAsync(caller.GetTokenId());
        AccountsLog.LoggedOut(logger, caller.GetUserId());
        return TypedResults.Ok(new StatusResponse());
    }

    private static async Task<Ok<StatusResponse>> LogoutAll(TokenStore tokens, ClaimsPrincipal caller, ILogger<TokenStore> logger)
    {
        await tokens.EndAllAsync(caller.GetUserId());
        AccountsLog.LoggedOutEverywhere(logger, caller.GetUserId());
        return TypedResults.Ok(new StatusResponse());
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> EndSession(
        string id, TokenStore tokens, ClaimsPrincipal caller, ILogger<TokenStore> logger)
    {
        if (!Guid.TryParseExact(id, "D", out var session) || !await tokens.EndSessionAsync(caller.GetUserId(), session))
        {
            return Refusal.Of(ErrorCodes.NotFound, "Session not found");
        }

        AccountsLog.SessionEnded(logger, caller.GetUserId());
        return TypedResults.Ok(new StatusResponse());
    }

    private static async Task<Ok<IReadOnlyList<LoginSession>>> Sessions(
        SessionStore sessions, ClaimsPrincipal caller, CancellationToken cancellationToken) =>
        TypedResults.Ok(await sessions.ListAsync(caller.GetUserId(), caller.GetTokenId(), cancellationToken));

    private static async Task<Results<Ok<LoggedIn>, ProblemHttpResult>> Renew(Tokens tokens, HttpContext http) =>
        await tokens.RenewAsync(http.User, ClientOrigin.Of(http)) is { } token
            ? TypedResults.Ok(new LoggedIn(token))
            // Ended during this call.
            : Refusal.Of(ErrorCodes.Unauthorized);

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> ChangePassword(
        PasswordChange body, HttpContext http, PasswordLogin login, UserStore users, Passwords passwords, ClaimsPrincipal caller,
        ILogger<UserStore> logger, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var address = ClientAddress.Of(http);
        var confirmed = await login.ConfirmAsync(
            caller.GetUserId(), caller.Identity!.Name!, body.OldPassword!, address, cancellationToken);
        if (confirmed.Account is not { } account)
        {
            return Refusal.For(http, confirmed.Refusal!);
        }

        if (await passwords.HashAsync(body.NewPassword!, address, cancellationToken) is not { } hash)
        {
            return Refusal.For(http, passwords.Busy);
        }

        if (!await users.ChangePasswordAsync(account, hash, keptToken: caller.GetTokenId()))
        {
            // Another call changed it at the same time.
            return Refusal.For(http, PasswordLogin.WrongPassword);
        }

        AccountsLog.PasswordChanged(logger, account.Id, address);
        return TypedResults.Ok(new StatusResponse());
    }

    private static async Task<Results<Ok<IssuedTicket>, ProblemHttpResult>> IssueTicket(TicketStore tickets, ClaimsPrincipal caller) =>
        await tickets.IssueAsync(caller.GetTokenId()) is { } ticket
            ? TypedResults.Ok(new IssuedTicket(ticket))
            // Ended during this call.
            : Refusal.Of(ErrorCodes.Unauthorized);
}
