using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Conversations;

internal static class ConversationEndpoints
{
    public static void MapConversations(this RouteGroupBuilder api)
    {
        var conversations = api.MapGroup("/conversations").WithTags("Conversations");
        conversations.MapGet("/", List).WithSummary("The caller's conversations, latest activity first");
        conversations.MapPost("/", Open).WithSummary("Opens a conversation, or finds the direct one of two users")
            .WithDescription("The caller is always a member. A direct conversation has one other member, a group at most "
                + "`Limits:MaxParticipants`.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.UserNotFound, ErrorCodes.GroupFull, ErrorCodes.TooManyConversations)
            .RefusesWrites();
        conversations.MapPost("/{id}/participants", Add).WithSummary("Adds members to a group")
            .WithDescription("Every member may add users, all of `identifiers` or none. Adding a member twice is no error.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.UserNotFound, ErrorCodes.DirectConversation, ErrorCodes.ConversationNotFound,
                ErrorCodes.GroupFull)
            .RefusesWrites();
        conversations.MapDelete("/{id}/participants/{user}", Remove).WithSummary("Removes a member from a group, or leaves it")
            .WithDescription("The owner may remove every member, other members only themselves. "
                + "Removing a user who is not a member is no error.")
            .Refuses(ErrorCodes.UserNotFound, ErrorCodes.DirectConversation, ErrorCodes.Forbidden, ErrorCodes.ConversationNotFound)
            .RefusesWrites();
    }

    private static Ok<IAsyncEnumerable<Conversation>> List(
        ConversationStore conversations, ClaimsPrincipal caller, CancellationToken cancellationToken) =>
        TypedResults.Ok(conversations.ListAsync(caller.GetUserId(), cancellationToken));

    private static async Task<Results<Ok<Conversation>, ProblemHttpResult>> Open(
        NewConversation body, ConversationStore conversations, UserStore users, UserAllowances allowances,
        IOptions<LimitOptions> limits, HttpContext http, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = http.User.GetUserId();
        var (others, refusal) = await ResolveAsync(users, body.Identifiers ?? [], cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        others.Remove(me);
        if (!body.IsGroup && others.Count != 1)
        {
            return Refusal.Of(ErrorCodes.InvalidField, "A direct conversation needs exactly one other user");
        }

        if (others.Count >= limits.Value.MaxParticipants)
        {
            return Refusal.Of(ErrorCodes.GroupFull);
        }

        if (TooFast(http, allowances, others.Count + 1) is { } wait)
        {
            return wait;
        }

        return await (body.IsGroup
                ? conversations.OpenGroupAsync(me, others, body.GroupName)
                : conversations.OpenDirectAsync(me, others.Single())) is { } conversation
            ? TypedResults.Ok(conversation)
            : Refusal.Of(ErrorCodes.TooManyConversations);
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Add(
        string id, NewParticipants body, ParticipantStore participants, UserStore users, UserAllowances allowances,
        HttpContext http, CancellationToken cancellationToken) =>
        body.Problem() is { } problem
            ? Refusal.Of(ErrorCodes.InvalidField, problem)
            : await ChangeAsync(
                id, body.All, ofMembers: false, participants.AddAsync, participants, users, allowances, http, cancellationToken);

    private static Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Remove(
        string id, string user, ParticipantStore participants, UserStore users, UserAllowances allowances,
        HttpContext http, CancellationToken cancellationToken) =>
        ChangeAsync(
            id, [user], ofMembers: true, (conversation, me, removed) => participants.RemoveAsync(conversation, me, removed.Single()),
            participants, users, allowances, http, cancellationToken);

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> ChangeAsync(
        string id, IReadOnlyList<string?> identifiers, bool ofMembers,
        Func<ConversationId, UserId, IReadOnlyCollection<UserId>, Task<MembershipChange>> changeAsync,
        ParticipantStore participants, UserStore users, UserAllowances allowances, HttpContext http, CancellationToken cancellationToken)
    {
        var me = http.User.GetUserId();
        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation)
            || await participants.MembersAsync(conversation, cancellationToken) is var members && !members.Contains(me))
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var (named, refusal) = await ResolveAsync(users, identifiers, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        // Adding a member and removing a user who is none send no event.
        var changed = named.Count(user => members.Contains(user) == ofMembers);
        if (changed > 0 && TooFast(http, allowances, members.Count + (ofMembers ? 0 : changed)) is { } wait)
        {
            return wait;
        }

        return await changeAsync(conversation, me, named) switch
        {
            MembershipChange.NotFound => Refusal.Of(ErrorCodes.ConversationNotFound),
            MembershipChange.Direct => Refusal.Of(ErrorCodes.DirectConversation),
            MembershipChange.NotOwner => Refusal.Of(ErrorCodes.Forbidden, "Only the owner of a group may remove other members"),
            MembershipChange.Full => Refusal.Of(ErrorCodes.GroupFull),
            _ => TypedResults.Ok(new StatusResponse()),
        };
    }

    /// <summary>A change sends all participants to each of them.</summary>
    private static ProblemHttpResult? TooFast(HttpContext http, UserAllowances allowances, int participants) =>
        allowances.Of(http.User.GetUserId())?.Memberships.Take((long)participants * participants) is > 0 and var wait
            ? Refusal.For(http, LimitErrors.TooManyMembershipChanges with { RetryAfterMs = wait })
            : null;

    /// <returns>The users, or the refusal that names the first unknown one.</returns>
    private static async Task<(HashSet<UserId> Users, ProblemHttpResult? Refusal)> ResolveAsync(
        UserStore users, IReadOnlyList<string?> identifiers, CancellationToken cancellationToken)
    {
        var found = await users.ResolveAsync([.. identifiers.OfType<string>()], cancellationToken);
        var known = found.TakeWhile(user => user is not null).Count();
        return known == found.Count
            ? ([.. found.Select(user => user!.Value)], null)
            : ([], UnknownUser(identifiers[known]!));
    }

    internal static ProblemHttpResult UnknownUser(string identifier) =>
        Refusal.Of(ErrorCodes.UserNotFound, $"User '{identifier}' not found");
}
