using System.ComponentModel;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Conversations;

internal static class ConversationEndpoints
{
    /// <summary>The most conversations of a page.</summary>
    private const int MaxListed = 200;

    public static void MapConversations(this RouteGroupBuilder api)
    {
        var conversations = api.MapGroup("/conversations").WithTags("Conversations");
        conversations.MapGet("/", List).WithSummary("The caller's conversations, latest activity first")
            .WithDescription("With `limit` a page of them; `before` asks for the next one. A conversation with new activity moves to the first page.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.BadRequest);
        conversations.MapPost("/", Open).WithSummary("Opens a conversation, or finds the direct one of two users")
            .WithDescription("The caller is always a member. A direct conversation has one other member, a group at most "
                + "`Limits:MaxParticipants`.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.UserNotFound, ErrorCodes.GroupFull, ErrorCodes.TooManyConversations)
            .RefusesWrites();
        conversations.MapPost("/leave", Leave).WithSummary("Leaves groups")
            .WithDescription("1 to 1,000. A group that the caller is not in is no error; a direct conversation is one, and the groups are "
                + "left all the same.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.DirectConversation).RefusesWrites();
        conversations.MapPost("/{id}/participants", Add).WithSummary("Adds members to a group")
            .WithDescription("Every member may add users, all of `identifiers` or none; a user who has left or was removed, only the owner. "
                + "Adding a member twice is no error.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.UserNotFound, ErrorCodes.DirectConversation, ErrorCodes.Forbidden,
                ErrorCodes.ConversationNotFound, ErrorCodes.GroupFull)
            .RefusesWrites();
        conversations.MapDelete("/{id}/participants/{user}", Remove).WithSummary("Removes a member from a group, or leaves it")
            .WithDescription("The owner may remove every member, other members only themselves. "
                + "Removing a user who is not a member is no error.")
            .Refuses(ErrorCodes.UserNotFound, ErrorCodes.DirectConversation, ErrorCodes.Forbidden, ErrorCodes.ConversationNotFound)
            .RefusesWrites();
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Leave(
        LeftGroups body, ParticipantStore participants, UserAllowances allowances, HttpContext http)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = http.User.GetUserId();
        var mine = allowances.Of(me);
        if (TooMuchWork(http, mine, body.ConversationIds!) is { } tooMuch)
        {
            return tooMuch;
        }

        return await participants.LeaveAsync(body.Groups().ToHashSet(), me)
            ? TypedResults.Ok(new StatusResponse())
            : Refusal.Of(ErrorCodes.DirectConversation);
    }

    private static Results<Ok<IAsyncEnumerable<Conversation>>, ProblemHttpResult> List(
        ConversationStore conversations, UserAllowances allowances, TokenStore tokens, HttpContext http, CancellationToken cancellationToken,
        [Description("The most conversations to answer with; without it, all."), Range(1, MaxListed)] int? limit = null,
        [Description("The id of a conversation of the caller: only those after it in the list.")] string? before = null)
    {
        if (limit is < 1 or > MaxListed)
        {
            return Refusal.Of(ErrorCodes.InvalidField, $"'limit' must be between 1 and {MaxListed}");
        }

        ConversationId? last = null;
        if (before is not null)
        {
            if (!PrefixedId.TryParse<ConversationId>(before, out var id))
            {
                return Refusal.Of(ErrorCodes.InvalidField, "'before' must be the id of a conversation");
            }

            last = id;
        }

        var me = http.User.GetUserId();
        return TypedResults.Ok(conversations.ListAsync(
            me, limit, last, allowances.Of(me)?.Work, () => http.MayGoOnAsync(tokens), cancellationToken));
    }

    private static async Task<Results<Ok<Conversation>, ProblemHttpResult>> Open(
        NewConversation body, ConversationStore conversations, UserStore users, UserAllowances allowances,
        IOptions<LimitOptions> limits, HttpContext http, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = http.User.GetUserId();
        var mine = allowances.Of(me);
        if (TooMuchWork(http, mine, body.Identifiers ?? []) is { } tooMuch)
        {
            return tooMuch;
        }

        var named = await NamedUsers.FindAsync(users, body.Identifiers ?? [], cancellationToken);
        // Before the addresses, so that no answer tells whether one of them is known.
        if (named.CountWithout(me) >= limits.Value.MaxParticipants)
        {
            return Refusal.Of(ErrorCodes.GroupFull);
        }

        if ((named.Unknown ?? (body.IsGroup ? null : named.AddressBesides(me))) is { } unknown)
        {
            return UnknownUser(unknown);
        }

        var others = named.Users.Where(user => user != me).ToHashSet();
        if (!body.IsGroup && others.Count != 1)
        {
            return Refusal.Of(ErrorCodes.InvalidField, "A direct conversation needs exactly one other user");
        }

        if (TooFast(http, mine, others.Count + 1) is { } wait)
        {
            return wait;
        }

        if (!body.IsGroup && await conversations.FindDirectAsync(me, others.Single(), cancellationToken) is { } existing)
        {
            return TypedResults.Ok(existing);
        }

        if (TooManyAdded(http, mine, others.Count) is { } tooMany)
        {
            return tooMany;
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

        var mine = allowances.Of(me);
        if (TooMuchWork(http, mine, identifiers) is { } tooMuch)
        {
            return tooMuch;
        }

        var named = await NamedUsers.FindAsync(users, identifiers, cancellationToken);
        if (named.Unknown is { } unknown)
        {
            // Removing a user who is not a member is no error, and must not tell that there is one with this e-mail address.
            return ofMembers && NamedUsers.IsAddress(unknown) ? TypedResults.Ok(new StatusResponse()) : UnknownUser(unknown);
        }

        // Adding a member and removing a user who is none send no event.
        var changed = named.Users.Count(user => members.Contains(user) == ofMembers);
        if (changed > 0 && TooFast(http, mine, members.Count + (ofMembers ? 0 : changed)) is { } wait)
        {
            return wait;
        }

        if (!ofMembers && TooManyAdded(http, mine, changed) is { } tooMany)
        {
            return tooMany;
        }

        return await changeAsync(conversation, me, named.Users) switch
        {
            MembershipChange.NotFound => Refusal.Of(ErrorCodes.ConversationNotFound),
            MembershipChange.Direct => Refusal.Of(ErrorCodes.DirectConversation),
            MembershipChange.NotOwner => Refusal.Of(ErrorCodes.Forbidden, "Only the owner of a group may remove other members"),
            MembershipChange.Departed =>
                Refusal.Of(ErrorCodes.Forbidden, "Only the owner of a group may add a user who has left it or was removed"),
            MembershipChange.Full => Refusal.Of(ErrorCodes.GroupFull),
            _ => TypedResults.Ok(new StatusResponse()),
        };
    }

    /// <summary>A change sends all participants to each of them.</summary>
    private static ProblemHttpResult? TooFast(HttpContext http, UserAllowance? allowance, int participants) =>
        Take(http, allowance?.Memberships, (long)participants * participants, LimitErrors.TooManyMembershipChanges);

    private static ProblemHttpResult? TooManyAdded(HttpContext http, UserAllowance? allowance, int added) =>
        Take(http, allowance?.Added, added, LimitErrors.TooManyAdded);

    private static ProblemHttpResult? TooMuchWork(HttpContext http, UserAllowance? allowance, IReadOnlyCollection<string?> identifiers) =>
        Take(http, allowance?.Work, identifiers.Count * FixedLimits.WorkPerIdentifier, LimitErrors.TooMuchWork);

    private static ProblemHttpResult? Take(HttpContext http, Allowance? allowance, long count, Error refusal) =>
        allowance?.Take(count) is > 0 and var wait ? Refusal.For(http, refusal with { RetryAfterMs = wait }) : null;

    internal static ProblemHttpResult UnknownUser(string identifier) =>
        Refusal.Of(ErrorCodes.UserNotFound, $"User '{identifier}' not found");
}
