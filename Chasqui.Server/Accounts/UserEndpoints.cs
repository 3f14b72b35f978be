using System.ComponentModel;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;

namespace Chasqui.Server.Accounts;

internal static class UserEndpoints
{
    private const int MaxFound = 100;

    public static void MapUsers(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("").WithTags("Users");
        users.MapGet("/me", GetMe).WithSummary("The caller");
        users.MapPatch("/me", Change).WithSummary("Changes what others see of the caller")
            .WithDescription("They get the new name with the next answer or event that names the caller.")
            .Refuses(ErrorCodes.InvalidField).RefusesWrites();
        users.MapGet("/users", Search).WithSummary("Finds users by the start of their names")
            .WithDescription("By the username and the words of the display name, without regard to case and accents, in alphabetical "
                + "order, without disabled accounts.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.BadRequest);
        users.MapGet("/users/{id}", Get).WithSummary("A user")
            .Refuses(ErrorCodes.NotFound);
    }

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> GetMe(
        UserStore users, ClaimsPrincipal caller, CancellationToken cancellationToken) =>
        await users.MeAsync(caller.GetUserId(), cancellationToken) is { } me
            ? TypedResults.Ok(me)
            // Deleted during this call.
            : Refusal.Of(ErrorCodes.Unauthorized);

    private static async Task<Results<Ok<Me>, ProblemHttpResult>> Change(
        ProfileChange body, UserStore users, ClaimsPrincipal caller)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var name = body.DisplayName is "" ? null : body.DisplayName;
        return await users.SetDisplayNameAsync(caller.GetUserId(), name) is { } me
            ? TypedResults.Ok(me)
            : Refusal.Of(ErrorCodes.Unauthorized);
    }

    private static async Task<Results<Ok<IReadOnlyList<User>>, ProblemHttpResult>> Search(
        UserStore users, CancellationToken cancellationToken,
        [Description("The start of the name.")] string? query = null,
        [Description("The most users in the answer."), Range(1, MaxFound)] int limit = 20)
    {
        if (limit is < 1 or > MaxFound)
        {
            return Refusal.Of(ErrorCodes.InvalidField, $"'limit' must be between 1 and {MaxFound}");
        }

        return query is null || AccountRules.SearchKey(query.Trim()).Length == 0
            ? Refusal.Of(ErrorCodes.InvalidField, "'query' must hold the start of a name")
            : TypedResults.Ok(await users.SearchAsync(query, limit, cancellationToken));
    }

    private static async Task<Results<Ok<User>, ProblemHttpResult>> Get(
        string id, UserStore users, CancellationToken cancellationToken) =>
        PrefixedId.TryParse<UserId>(id, out var user) && await users.UserAsync(user, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : Refusal.Of(ErrorCodes.NotFound, "User not found");
}
