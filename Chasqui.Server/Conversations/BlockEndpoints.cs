using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;

namespace Chasqui.Server.Conversations;

internal static class BlockEndpoints
{
    public static void MapBlocks(this RouteGroupBuilder api)
    {
        var blocks = api.MapGroup("/blocks").WithTags("Users");
        blocks.MapGet("/", List).WithSummary("The users that the caller has blocked, by name");
        blocks.MapPut("/{user}", Block).WithSummary("Blocks a user")
            .WithDescription("Their messages in a direct conversation with the caller are refused. Groups are not affected, and the user "
                + "is not told. Blocking a user twice is no error.")
            .Refuses(ErrorCodes.UserNotFound, ErrorCodes.InvalidField).RefusesWrites();
        blocks.MapDelete("/{user}", Unblock).WithSummary("Unblocks a user")
            .WithDescription("Unblocking a user who is not blocked is no error.")
            .Refuses(ErrorCodes.UserNotFound).RefusesWrites();
    }

    private static async Task<Ok<IReadOnlyList<User>>> List(
        BlockStore blocks, ClaimsPrincipal caller, CancellationToken cancellationToken) =>
        TypedResults.Ok(await blocks.ListAsync(caller.GetUserId(), cancellationToken));

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Block(
        string user, BlockStore blocks, UserStore users, ClaimsPrincipal caller, CancellationToken cancellationToken)
    {
        // Not by an e-mail address: its owner would not notice that it was tried.
        if (NamedUsers.IsAddress(user) || await users.ResolveAsync(user, cancellationToken) is not { } blocked)
        {
            return ConversationEndpoints.UnknownUser(user);
        }

        if (blocked == caller.GetUserId())
        {
            return Refusal.Of(ErrorCodes.InvalidField, "You cannot block yourself");
        }

        await blocks.BlockAsync(caller.GetUserId(), blocked);
        return TypedResults.Ok(new StatusResponse());
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Unblock(
        string user, BlockStore blocks, UserStore users, ClaimsPrincipal caller, CancellationToken cancellationToken)
    {
        // Not by an e-mail address: its owner would not notice that it was tried.
        if (NamedUsers.IsAddress(user) || await users.ResolveAsync(user, cancellationToken) is not { } blocked)
        {
            return ConversationEndpoints.UnknownUser(user);
        }

        await blocks.UnblockAsync(caller.GetUserId(), blocked);
        return TypedResults.Ok(new StatusResponse());
    }
}
