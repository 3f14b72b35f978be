using System.Security.Claims;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chasqui.Server.Conversations;

/// <summary>Opening conversations, and who is in them.</summary>
internal static class ConversationEndpoints
{
    public static void MapConversations(this RouteGroupBuilder api)
    {
        var conversations = api.MapGroup("/conversations").WithTags("Conversations");
        conversations.MapGet("/", List).WithSummary("The caller's conversations, latest activity first");
        conversations.MapPost("/", Open).WithSummary("Opens a conversation, or finds the direct one that two people have")
            .WithDescription("The caller is always a member. A direct conversation has exactly one other person; a group may have as many as `Limits:MaxParticipants` says.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.UserNotFound, ErrorCodes.GroupFull).RefusesWrites();
        conversations.MapPost("/{id}/participants", Add).WithSummary("Adds somebody to a group")
            .WithDescription("Every member may add others. Adding a member twice is no error.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.UserNotFound, ErrorCodes.DirectConversation, ErrorCodes.ConversationNotFound,
                ErrorCodes.GroupFull)
            .RefusesWrites();
        conversations.MapDelete("/{id}/participants/{user}", Remove).WithSummary("Removes somebody from a group, or leaves it")
            .WithDescription("The owner may remove anybody, everybody else only themselves. Removing somebody who is not a member is no error.")
            .Refuses(ErrorCodes.UserNotFound, ErrorCodes.DirectConversation, ErrorCodes.Forbidden, ErrorCodes.ConversationNotFound)
            .RefusesWrites();
    }

    private static async Task<Ok<IReadOnlyList<Conversation>>> List(
        ConversationStore conversations, ClaimsPrincipal caller, CancellationToken cancellationToken) =>
        TypedResults.Ok(await conversations.ListAsync(caller.GetUserId(), cancellationToken));

    private static async Task<Results<Ok<Conversation>, ProblemHttpResult>> Open(
        NewConversation body, ConversationStore conversations, UserStore users, ClaimsPrincipal caller,
        CancellationToken cancellationToken)
    {
        if (body.Problem() is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var me = caller.GetUserId();
        var others = new HashSet<UserId>();
        foreach (var identifier in body.ParticipantIds ?? [])
        {
            if (await users.ResolveAsync(identifier!, cancellationToken) is not { } user)
            {
                return NobodyKnown(identifier!);
            }

            others.Add(user);
        }

        others.Remove(me);
        if (body.IsGroup)
        {
            return await conversations.OpenGroupAsync(me, others, body.GroupName) is { } group ? TypedResults.Ok(group) : Full();
        }

        return others.Count == 1
            ? TypedResults.Ok(await conversations.OpenDirectAsync(me, others.Single()))
            : Refusal.Of(ErrorCodes.InvalidField, "A direct conversation has exactly two people, the caller and one other");
    }

    private static async Task<Results<Ok<Succeeded>, ProblemHttpResult>> Add(
        string id, NewParticipant body, ConversationStore conversations, UserStore users, ClaimsPrincipal caller,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Identifier))
        {
            return Refusal.Of(ErrorCodes.InvalidField, "The field 'identifier' is missing or blank");
        }

        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation)
            || !await conversations.IsMemberAsync(conversation, caller.GetUserId(), cancellationToken))
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        return await users.ResolveAsync(body.Identifier, cancellationToken) is { } user
            ? Answer(await conversations.AddAsync(conversation, caller.GetUserId(), user))
            : NobodyKnown(body.Identifier);
    }

    private static async Task<Results<Ok<Succeeded>, ProblemHttpResult>> Remove(
        string id, string user, ConversationStore conversations, UserStore users, ClaimsPrincipal caller,
        CancellationToken cancellationToken)
    {
        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation)
            || !await conversations.IsMemberAsync(conversation, caller.GetUserId(), cancellationToken))
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        return await users.ResolveAsync(user, cancellationToken) is { } removed
            ? Answer(await conversations.RemoveAsync(conversation, caller.GetUserId(), removed))
            : NobodyKnown(user);
    }

    private static ProblemHttpResult NobodyKnown(string identifier) =>
        Refusal.Of(ErrorCodes.UserNotFound, $"Nobody is known as '{identifier}'");

    private static ProblemHttpResult Full() => Refusal.Of(ErrorCodes.GroupFull);

    private static Results<Ok<Succeeded>, ProblemHttpResult> Answer(MembershipChange change) => change switch
    {
        MembershipChange.NotFound => Refusal.Of(ErrorCodes.ConversationNotFound),
        MembershipChange.Direct => Refusal.Of(ErrorCodes.DirectConversation),
        MembershipChange.NotOwner => Refusal.Of(ErrorCodes.Forbidden, "Only the owner of a group removes others"),
        MembershipChange.Full => Full(),
        _ => TypedResults.Ok(new Succeeded()),
    };
}
