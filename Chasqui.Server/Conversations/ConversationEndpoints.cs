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
    }

    private static async Task<Results<ConversationList, ProblemHttpResult>> List(
        ConversationStore conversations, ParticipantReader reader, UserAllowances allowances, TokenStore tokens,
        HttpContext http, CancellationToken cancellationToken,
        [Description("The most conversations to answer with; without it, all."), Range(1, MaxListed)] int? limit = null,
        [Description("The id of a conversation of the caller: only those after it in the list.")] string? before = null)
    {
        if (limit is < 1 or > MaxListed)
        {
            return Refusal.Of(ErrorCodes.InvalidField, $"'limit' must be between 1 and {MaxListed}");
        }

        var me = http.User.GetUserId();
        var last = before is null ? null : await reader.FindAsync(before, me, cancellationToken);
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
        if (MembershipCharges.TooMuchWork(http, mine, body.Identifiers ?? []) is { } tooMuch)
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
        if (hasAddress && MembershipCharges.TooManyAdded(http, mine, added) is { } tooManyAddresses)
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

        if ((MembershipCharges.TooFast(http, mine, added + 1)
            ?? (hasAddress ? null : MembershipCharges.TooManyAdded(http, mine, added))
            ?? MembershipCharges.TooMuchStored(http, mine, rows: added + 2, body.IsGroup ? body.GroupName.Length : 0))
            is { } tooMany)
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
        string id, NewName body, ParticipantReader reader, ParticipantStore participants, UserAllowances allowances,
        HttpContext http, CancellationToken cancellationToken)
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
        if ((MembershipCharges.TooFast(http, mine, conversation.Participants)
            ?? MembershipCharges.TooMuchStored(http, mine, rows: 1, body.Name!.Length)) is { } tooMany)
        {
            return tooMany;
        }

        var (status, renamed) = await participants.RenameAsync(conversation.Id, me, body.Name!);
        return renamed is not null ? TypedResults.Ok(renamed)
            : Refusal.Of(status == MembershipChange.Direct ? ErrorCodes.DirectConversation : ErrorCodes.ConversationNotFound);
    }

    internal static ProblemHttpResult UnknownUser(string identifier) =>
        Refusal.Of(ErrorCodes.UserNotFound, $"User '{identifier}' not found");
}
