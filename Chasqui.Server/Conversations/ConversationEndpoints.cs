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
        conversations.MapPost("/{id}/participants", Add).WithSummary("Adds a member to a group")
            .WithDescription("Every member may add users. Adding a member twice is no error.")
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
        var identifiers = body.ParticipantIds as string[] ?? [];
        var named = await users.ResolveAsync(identifiers, cancellationToken);
        var known = named.TakeWhile(user => user is not null).Count();
        if (known < named.Count)
        {
            return UnknownUser(identifiers[known]);
        }

        var others = named.Select(user => user!.Value).ToHashSet();
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
        string id, NewParticipant body, ParticipantStore participants, UserStore users, UserAllowances allowances,
        HttpContext http, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(body.Identifier)
            ? Refusal.Of(ErrorCodes.InvalidField, "The field 'identifier' is missing or blank")
            : await ChangeAsync(
                id, body.Identifier, ofMember: false, participants.AddAsync, participants, users, allowances, http, cancellationToken);

    private static Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Remove(
        string id, string user, ParticipantStore participants, UserStore users, UserAllowances allowances,
        HttpContext http, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, ofMember: true, participants.RemoveAsync, participants, users, allowances, http, cancellationToken);

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> ChangeAsync(
        string id, string identifier, bool ofMember, Func<ConversationId, UserId, UserId, Task<MembershipChange>> changeAsync,
        ParticipantStore participants, UserStore users, UserAllowances allowances, HttpContext http, CancellationToken cancellationToken)
    {
        var me = http.User.GetUserId();
        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation)
            || await participants.CountAsync(conversation, me, cancellationToken) is not (> 0 and var count))
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        if (await users.ResolveAsync(identifier, cancellationToken) is not { } user)
        {
            return UnknownUser(identifier);
        }

        // Adding a member and removing a user who is none send no event.
        var isMember = await participants.CountAsync(conversation, user, cancellationToken) > 0;
        if (isMember == ofMember && TooFast(http, allowances, count) is { } wait)
        {
            return wait;
        }

        return await changeAsync(conversation, me, user) switch
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

    private static ProblemHttpResult UnknownUser(string identifier) =>
        Refusal.Of(ErrorCodes.UserNotFound, $"User '{identifier}' not found");
}
