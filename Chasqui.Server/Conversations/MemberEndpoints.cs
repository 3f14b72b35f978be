using System.ComponentModel;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Conversations;

/// <summary>Who is in a conversation.</summary>
internal static class MemberEndpoints
{
    private const int LeftAtOnce = 16;

    /// <summary>The most members of a page.</summary>
    private const int MaxListed = 200;

    public static void MapMembers(this RouteGroupBuilder api)
    {
        var conversations = api.MapGroup("/conversations").WithTags("Conversations");
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
            .Refuses(
                ErrorCodes.UserNotFound, ErrorCodes.DirectConversation, ErrorCodes.Forbidden, ErrorCodes.ConversationNotFound)
            .RefusesWrites();
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Leave(
        GroupsToLeave body, ParticipantReader reader, ParticipantStore participants, UserAllowances allowances, HttpContext http,
        CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = http.User.GetUserId();
        var mine = allowances.Of(me);
        if (MembershipCharges.TooMuchWork(http, mine, body.ConversationIds!) is { } tooMuch)
        {
            return tooMuch;
        }

        var groups = await reader.AmongAsync(body.Groups().Distinct(), me, cancellationToken);
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
                mine.Memberships.Charge(some.Sum(group => MembershipCharges.ParticipantsSent(group.Participants)));
            }

            await Task.WhenAll(some.Select(group => participants.RemoveAsync(group.Id, me, me)));
        }

        return TypedResults.Ok(new StatusResponse());
    }

    private static async Task<Results<Ok<IReadOnlyList<Member>>, ProblemHttpResult>> Members(
        string id, ParticipantReader reader, UserAllowances allowances, HttpContext http,
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
        if (await reader.FindAsync(id, me, cancellationToken) is not { } conversation)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var work = allowances.Of(me)?.Lists;
        await (work?.WhenWithinAsync(cancellationToken) ?? Task.CompletedTask);
        var page = await reader.PageAsync(conversation, me, last, limit, cancellationToken);
        work?.Charge(page.Count);
        return TypedResults.Ok(page);
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Add(
        string id, NewParticipants body, ParticipantReader reader, ParticipantStore participants, UserStore users,
        UserAllowances allowances, IOptions<LimitOptions> limits, HttpContext http, CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = http.User.GetUserId();
        if (await reader.FindAsync(id, me, cancellationToken) is not { } conversation)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var mine = allowances.Of(me);
        if (MembershipCharges.TooMuchWork(http, mine, body.All) is { } tooMuch)
        {
            return tooMuch;
        }

        var members = await reader.MembersAsync(conversation.Id, cancellationToken);
        var named = await NamedUsers.FindAsync(users, body.All, cancellationToken);
        var added = named.CountNew(me, members);
        // As where a conversation is opened.
        if (named.UnknownName is { } name)
        {
            return ConversationEndpoints.UnknownUser(name);
        }

        if (conversation.IsDirect && added > 0)
        {
            return Refusal.Of(ErrorCodes.DirectConversation);
        }

        if (members.Count + added > limits.Value.MaxParticipants)
        {
            return Refusal.Of(ErrorCodes.GroupFull);
        }

        if (added > 0 && (MembershipCharges.TooFast(http, mine, members.Count + added)
            ?? MembershipCharges.TooManyAdded(http, mine, added)
            ?? MembershipCharges.TooMuchStored(http, mine, rows: added)) is { } tooMany)
        {
            return tooMany;
        }

        if (named.UnknownAddress is { } addresses)
        {
            return ConversationEndpoints.UnknownUser(addresses);
        }

        var change = await participants.AddAsync(conversation.Id, me, named.Users);
        if (change == MembershipChange.Departed && named.QuotableAddresses is { } departed)
        {
            // They would not notice that their address was tried.
            return ConversationEndpoints.UnknownUser(departed);
        }

        if (change != MembershipChange.Done)
        {
            mine?.Added.GiveBack(added);
        }

        return Answer(change);
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> Remove(
        string id, string user, ParticipantReader reader, ParticipantStore participants, UserStore users,
        UserAllowances allowances, HttpContext http, CancellationToken cancellationToken)
    {
        var me = http.User.GetUserId();
        if (await reader.FindAsync(id, me, cancellationToken) is not { } conversation)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        // Not by an address: where it names no member, its owner would not notice.
        if (NamedUsers.IsAddress(user) || await users.ResolveAsync(user, cancellationToken) is not { } removed)
        {
            return ConversationEndpoints.UnknownUser(user);
        }

        var members = await reader.MembersAsync(conversation.Id, cancellationToken);
        // Removing a user who is none sends no event.
        return members.Contains(removed) && MembershipCharges.TooFast(http, allowances.Of(me), members.Count) is { } wait
            ? wait
            : Answer(await participants.RemoveAsync(conversation.Id, me, removed));
    }

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
}
