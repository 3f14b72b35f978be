using System.ComponentModel;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Conversations;

internal static class ConversationEndpoints
{
    private const int LeftAtOnce = 16;

    /// <summary>The most conversations or members of a page.</summary>
    private const int MaxListed = 200;

    public static void MapConversations(this RouteGroupBuilder api)
    {
        var conversations = api.MapGroup("/conversations").WithTags("Conversations");
        conversations.MapGet("/", List).WithSummary("The caller's conversations, latest activity first")
            .WithDescription("With `limit` a page of them; `before` asks for the next one. "
                + "A conversation with new activity moves to the first page. Each conversation carries at most 100 members. "
                + "`If-None-Match` with the `ETag` of an earlier answer is answered by 304 where nothing has changed.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.BadRequest, ErrorCodes.ConversationNotFound);
        conversations.MapPost("/", Open).WithSummary("Opens a conversation, or finds the direct one of two users")
            .WithDescription("The caller is always a member. A direct conversation has one other member, a group at most "
                + "`Limits:MaxParticipants`.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.UserNotFound, ErrorCodes.GroupFull, ErrorCodes.TooManyConversations)
            .RefusesWrites();
        conversations.MapPatch("/{id}", Rename).WithSummary("Renames a group")
            .WithDescription("Every member may. The same name again is no change.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.DirectConversation, ErrorCodes.ConversationNotFound).RefusesWrites();
        conversations.MapGet("/{id}/members", Members).WithSummary("The members of a conversation")
            .WithDescription("A page of them, in the order of their ids; `after` asks for the next one.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.BadRequest, ErrorCodes.ConversationNotFound);
        conversations.MapPost("/leave", Leave).WithSummary("Leaves groups")
            .WithDescription("All of `conversation_ids`, 1 to 1,000. A group that the caller is not in is no error.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.DirectConversation).RefusesWrites();
        conversations.MapPost("/{id}/participants", Add).WithSummary("Adds members to a group")
            .WithDescription("Every member may add users, all of `identifiers` or none; "
                + "a user who has left or was removed, only the owner. Adding a member twice is no error.")
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
        GroupsToLeave body, ParticipantStore participants, UserAllowances allowances, HttpContext http,
        CancellationToken cancellationToken)
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

        var groups = await participants.AmongAsync(body.Groups().Distinct(), me, cancellationToken);
        if (groups.Any(group => group.IsDirect))
        {
            return Refusal.Of(ErrorCodes.DirectConversation);
        }

        // As fast as the changes may be sent, and with room for the writes of others. They share commits nevertheless.
        foreach (var some in groups.Chunk(LeftAtOnce))
        {
            if (mine is not null)
            {
                await mine.Memberships.WhenWithinAsync(cancellationToken);
                mine.Memberships.Charge(some.Sum(group => ParticipantsSent(group.Participants)));
            }

            await Task.WhenAll(some.Select(group => participants.RemoveAsync(group.Id, me, me)));
        }

        return TypedResults.Ok(new StatusResponse());
    }

    private static async Task<Results<ConversationList, ProblemHttpResult>> List(
        ConversationStore conversations, ParticipantStore participants, UserAllowances allowances, TokenStore tokens,
        HttpContext http, CancellationToken cancellationToken,
        [Description("The most conversations to answer with; without it, all."), Range(1, MaxListed)] int? limit = null,
        [Description("The id of a conversation of the caller: only those after it in the list.")] string? before = null)
    {
        if (limit is < 1 or > MaxListed)
        {
            return Refusal.Of(ErrorCodes.InvalidField, $"'limit' must be between 1 and {MaxListed}");
        }

        var me = http.User.GetUserId();
        var last = before is null ? null : await FindAsync(participants, before, me, cancellationToken);
        if (before is not null && last is null)
        {
            // Not an empty page, which would look like the end of the list.
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        return new ConversationList(conversations.ListAsync(
            me, limit, last?.Id, allowances.Of(me)?.Lists, () => http.IsStillAllowedAsync(tokens), cancellationToken));
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
        var added = named.CountNew(me);
        // All that can refuse comes before the addresses, so that no refusal tells whether one of them is known.
        if (added >= limits.Value.MaxParticipants)
        {
            return Refusal.Of(ErrorCodes.GroupFull);
        }

        if (named.UnknownName is { } name)
        {
            return UnknownUser(name);
        }

        // An address is charged even where it finds a conversation: otherwise addresses of its members could be tried without limit.
        var hasAddress = named.QuotableAddresses is not null;
        if (hasAddress && TooManyAdded(http, mine, added) is { } tooManyAddresses)
        {
            return tooManyAddresses;
        }

        var others = named.Users.Where(user => user != me).ToHashSet();
        var addresses = named.UnknownAddress ?? (body.IsGroup ? null : named.AddressesNextToOthers(me));
        if (!body.IsGroup && addresses is null && others.Count == 1
            && await conversations.FindDirectAsync(me, others.Single(), cancellationToken) is { } existing)
        {
            return TypedResults.Ok(existing);
        }

        if ((TooFast(http, mine, added + 1) ?? (hasAddress ? null : TooManyAdded(http, mine, added))
            ?? TooMuchStored(http, mine, rows: added + 2, body.IsGroup ? body.GroupName.Length : 0)) is { } tooMany)
        {
            return tooMany;
        }

        if (hasAddress && await conversations.HasOpenedAllAsync(me, cancellationToken))
        {
            return Refusal.Of(ErrorCodes.TooManyConversations);
        }

        if (addresses is not null)
        {
            return UnknownUser(addresses);
        }

        if (!body.IsGroup && others.Count != 1)
        {
            return Refusal.Of(ErrorCodes.InvalidField, "A direct conversation needs exactly one other user");
        }

        if (await (body.IsGroup
                ? conversations.OpenGroupAsync(me, others, body.GroupName)
                : conversations.OpenDirectAsync(me, others.Single())) is { } conversation)
        {
            return TypedResults.Ok(conversation);
        }

        mine?.Added.GiveBack(added);
        return Refusal.Of(ErrorCodes.TooManyConversations);
    }

    private static async Task<Results<Ok<Conversation>, ProblemHttpResult>> Rename(
        string id, NewName body, ParticipantStore participants, UserAllowances allowances, HttpContext http,
        CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = http.User.GetUserId();
        if (await FindAsync(participants, id, me, cancellationToken) is not { } conversation)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var mine = allowances.Of(me);
        if ((TooFast(http, mine, conversation.Participants)
            ?? TooMuchStored(http, mine, rows: 1, body.Name!.Length)) is { } tooMany)
        {
            return tooMany;
        }

        var (status, renamed) = await participants.RenameAsync(conversation.Id, me, body.Name!);
        return renamed is not null ? TypedResults.Ok(renamed)
            : Refusal.Of(status == MembershipChange.Direct ? ErrorCodes.DirectConversation : ErrorCodes.ConversationNotFound);
    }

    private static async Task<Results<Ok<IReadOnlyList<Member>>, ProblemHttpResult>> Members(
        string id, ParticipantStore participants, UserAllowances allowances, HttpContext http,
        CancellationToken cancellationToken,
        [Description("The most members to answer with."), Range(1, MaxListed)] int limit = 100,
        [Description("The id of a user: only members after it. The user need not be a member any more.")] string? after = null)
    {
        if (limit is < 1 or > MaxListed)
        {
            return Refusal.Of(ErrorCodes.InvalidField, $"'limit' must be between 1 and {MaxListed}");
        }

        UserId? last = PrefixedId.TryParse<UserId>(after, out var user) ? user : null;
        if (after is not null && last is null)
        {
            return Refusal.Of(ErrorCodes.InvalidField, "'after' must be a user id");
        }

        var me = http.User.GetUserId();
        if (await FindAsync(participants, id, me, cancellationToken) is not { } conversation)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var work = allowances.Of(me)?.Lists;
        await (work?.WhenWithinAsync(cancellationToken) ?? Task.CompletedTask);
        var page = await participants.PageAsync(conversation, me, last, limit, cancellationToken);
        work?.Charge(page.Count);
        return TypedResults.Ok(page);
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Add(
        string id, NewParticipants body, ParticipantStore participants, UserStore users, UserAllowances allowances,
        IOptions<LimitOptions> limits, HttpContext http, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = http.User.GetUserId();
        if (await FindAsync(participants, id, me, cancellationToken) is not { } conversation)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var mine = allowances.Of(me);
        if (TooMuchWork(http, mine, body.All) is { } tooMuch)
        {
            return tooMuch;
        }

        var members = await participants.MembersAsync(conversation.Id, cancellationToken);
        var named = await NamedUsers.FindAsync(users, body.All, cancellationToken);
        var added = named.CountNew(me, members);
        // As where a conversation is opened.
        if (named.UnknownName is { } name)
        {
            return UnknownUser(name);
        }

        if (conversation.IsDirect && added > 0)
        {
            return Refusal.Of(ErrorCodes.DirectConversation);
        }

        if (members.Count + added > limits.Value.MaxParticipants)
        {
            return Refusal.Of(ErrorCodes.GroupFull);
        }

        if (added > 0 && (TooFast(http, mine, members.Count + added) ?? TooManyAdded(http, mine, added)
            ?? TooMuchStored(http, mine, rows: added)) is { } tooMany)
        {
            return tooMany;
        }

        if (named.UnknownAddress is { } addresses)
        {
            return UnknownUser(addresses);
        }

        var change = await participants.AddAsync(conversation.Id, me, named.Users);
        if (change == MembershipChange.Departed && named.QuotableAddresses is { } departed)
        {
            // They would not notice that their address was tried.
            return UnknownUser(departed);
        }

        if (change != MembershipChange.Done)
        {
            mine?.Added.GiveBack(added);
        }

        return Answer(change);
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Remove(
        string id, string user, ParticipantStore participants, UserStore users, UserAllowances allowances,
        HttpContext http, CancellationToken cancellationToken)
    {
        var me = http.User.GetUserId();
        if (await FindAsync(participants, id, me, cancellationToken) is not { } conversation)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        // Not by an address: where it names no member, its owner would not notice.
        if (NamedUsers.IsAddress(user) || await users.ResolveAsync(user, cancellationToken) is not { } removed)
        {
            return UnknownUser(user);
        }

        var members = await participants.MembersAsync(conversation.Id, cancellationToken);
        // Removing a user who is none sends no event.
        return members.Contains(removed) && TooFast(http, allowances.Of(me), members.Count) is { } wait
            ? wait
            : Answer(await participants.RemoveAsync(conversation.Id, me, removed));
    }

    /// <returns><see langword="null"/> where the caller is no member.</returns>
    private static async Task<OwnConversation?> FindAsync(
        ParticipantStore participants, string id, UserId caller, CancellationToken cancellationToken) =>
        PrefixedId.TryParse<ConversationId>(id, out var conversation)
            ? (await participants.AmongAsync([conversation], caller, cancellationToken)).SingleOrDefault()
            : null;

    private static Results<Ok<StatusResponse>, ProblemHttpResult> Answer(MembershipChange change) => change switch
    {
        MembershipChange.NotFound => Refusal.Of(ErrorCodes.ConversationNotFound),
        MembershipChange.Direct => Refusal.Of(ErrorCodes.DirectConversation),
        MembershipChange.NotOwner => Refusal.Of(ErrorCodes.Forbidden, "Only the owner of a group may remove other members"),
        MembershipChange.Departed =>
            Refusal.Of(ErrorCodes.Forbidden, "Only the owner of a group may add a user who has left it or was removed"),
        MembershipChange.Full => Refusal.Of(ErrorCodes.GroupFull),
        _ => TypedResults.Ok(new StatusResponse()),
    };

    private static ProblemHttpResult? TooFast(HttpContext http, UserAllowance? allowance, int participants) =>
        Take(http, allowance?.Memberships, ParticipantsSent(participants), LimitErrors.TooManyMembershipChanges);

    /// <summary>A change sends the participants that are shown to all.</summary>
    private static int ParticipantsSent(int participants) => participants * Math.Min(participants, ChatLimits.MaxShownMembers);

    private static ProblemHttpResult? TooManyAdded(HttpContext http, UserAllowance? allowance, int added) =>
        Take(http, allowance?.Added, added, LimitErrors.TooManyAdded);

    private static ProblemHttpResult? TooMuchStored(HttpContext http, UserAllowance? allowance, int rows, int characters = 0) =>
        Take(http, allowance?.Stored, (rows * FixedLimits.StoredBytesPerRow) + characters, LimitErrors.TooMuchStored);

    private static ProblemHttpResult? TooMuchWork(
        HttpContext http, UserAllowance? allowance, IReadOnlyCollection<string?> identifiers) =>
        Take(http, allowance?.Work, identifiers.Count * FixedLimits.WorkPerIdentifier, LimitErrors.TooMuchWork);

    private static ProblemHttpResult? Take(HttpContext http, Allowance? allowance, long count, Error refusal) =>
        allowance?.Take(count) is > 0 and var wait ? Refusal.For(http, refusal with { RetryAfterMs = wait }) : null;

    internal static ProblemHttpResult UnknownUser(string identifier) =>
        Refusal.Of(ErrorCodes.UserNotFound, $"User '{identifier}' not found");
}
