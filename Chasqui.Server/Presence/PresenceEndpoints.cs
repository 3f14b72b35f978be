using System.ComponentModel;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Presence;

internal static class PresenceEndpoints
{
    private const int MaxUsers = 100;

    public static void MapPresence(this RouteGroupBuilder api) => api.MapGroup("").WithTags("Users")
        .MapGet("/presence", Get).WithSummary("Who of some users is there")
        .WithDescription("In the order of the question. A user who shares no direct conversation and no group of at most 100 "
            + "members with the caller, or has blocked the caller, is `offline`, without `last_seen_at`, as one who does not "
            + "exist.")
        .Refuses(ErrorCodes.InvalidField);

    private static async Task<Results<Ok<UserPresence[]>, ProblemHttpResult>> Get(
        HttpContext http, PresenceTable table, PresenceStore store, UserAllowances allowances, ClaimsPrincipal caller,
        [Description("Up to 100 user ids, separated by commas.")] string? users = null,
        CancellationToken cancellationToken = default)
    {
        if (Parse(users) is not { } asked)
        {
            return Refusal.Of(ErrorCodes.InvalidField, $"'users' must hold 1 to {MaxUsers} user ids, separated by commas");
        }

        var work = allowances.Of(caller.GetUserId())?.Work;
        if (LimitErrors.Take(work, asked.Length * FixedLimits.WorkPerIdentifier, LimitErrors.TooMuchWork) is { } refused)
        {
            return Refusal.For(http, refused);
        }

        var visible = await store.VisibleAsync(caller.GetUserId(), asked, cancellationToken);
        var known = asked.Where(visible.Contains).Select(table.Of).ToDictionary(each => each.UserId);
        var unseen = known.Values
            .Where(each => each is { Status: PresenceStatuses.Offline, LastSeenAt: null }).Select(each => each.UserId);
        var lastSeen = await store.LastSeenAsync([.. unseen], cancellationToken);
        return TypedResults.Ok(Array.ConvertAll(asked, user => known.TryGetValue(user, out var found)
            ? new UserPresence(user, found.Status, found.LastSeenAt ?? (lastSeen.TryGetValue(user, out var seen) ? seen : null))
            : new UserPresence(user, PresenceStatuses.Offline)));
    }

    private static UserId[]? Parse(string? users)
    {
        var texts = users?.Split(',') ?? [];
        List<UserId> ids = [];
        foreach (var text in texts.Length <= MaxUsers ? texts : [])
        {
            if (!PrefixedId.TryParse<UserId>(text, out var id))
            {
                return null;
            }

            ids.Add(id);
        }

        return ids.Count > 0 ? [.. ids.Distinct()] : null;
    }
}
