using System.ComponentModel;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Messages;

/// <summary>Changes of messages, and the log that they stand in.</summary>
internal static class ChangeEndpoints
{
    /// <summary>Read at once, in UTF-16.</summary>
    private const int PageCharacters = 256 * 1024;

    public static void MapMessageChanges(this RouteGroupBuilder api)
    {
        var conversation = api.MapGroup("/conversations/{id}").WithTags("Messages").Refuses(ErrorCodes.ConversationNotFound);
        conversation.MapGet("/events", Events).WithSummary("The durable events after a 'seq', oldest first")
            .WithDescription("What happened to messages and members, as opted-in sockets get it. An edited message has its "
                + "newest content in every event, a deleted one has none. An answer can be shorter than `limit`; an empty one is "
                + "the end.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.BadRequest);
        conversation.MapPut("/read", MarkRead).WithSummary("Says how far the caller has read").RefusesWrites()
            .WithDescription("A mark only moves forward. Answers with what the others are told, or with `{\"duplicate\":true}` "
                + "if the caller has read as far already.")
            .Refuses(ErrorCodes.InvalidField);
        var message = conversation.MapGroup("/messages/{message}").Refuses(ErrorCodes.MessageNotFound).RefusesWrites();
        message.MapPatch("/", Edit).WithSummary("Changes the content of an own message")
            .WithDescription("Answers with the event, or with `{\"duplicate\":true}` if the message has that content.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.ContentBlank, ErrorCodes.ContentTooLong, ErrorCodes.Forbidden,
                ErrorCodes.Blocked, ErrorCodes.RecipientDeleted);
        message.MapDelete("/", Delete).WithSummary("Deletes a message: one's own, or as the owner of a group any")
            .WithDescription("Its content, mentions and reactions are erased from the disk; an empty message stays in its place.")
            .Refuses(ErrorCodes.Forbidden);
        message.MapPut("/reactions/{emoji}", React).WithSummary("Reacts to a message with one emoji")
            .WithDescription("At most 20 different ones for a message. Reacting twice is no error.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.Blocked, ErrorCodes.RecipientDeleted);
        message.MapDelete("/reactions/{emoji}", Unreact).WithSummary("Takes a reaction back")
            .WithDescription("Taking back one that is not there is no error.");
    }

    private static async Task<Results<Ok<IConversationEvent[]>, ProblemHttpResult>> Events(
        string id, MessageStore messages, UserAllowances allowances, HttpContext http, CancellationToken cancellationToken,
        [Description("Only events whose `seq` is greater."), AtLeast(0)] long after = 0,
        [Description("The most events to answer with."), Range(1, MessageEndpoints.MaxPage)] int limit = 50)
    {
        if (after < 0 || limit is < 1 or > MessageEndpoints.MaxPage)
        {
            return Refusal.Of(
                ErrorCodes.InvalidField,
                after < 0 ? "'after' must not be negative" : $"'limit' must be between 1 and {MessageEndpoints.MaxPage}");
        }

        var caller = http.User.GetUserId();
        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation)
            || await messages.ExtentAsync(conversation, caller, cancellationToken) is not { } extent)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var work = allowances.Of(caller)?.Work;
        await (work?.WhenWithinAsync(cancellationToken) ?? Task.CompletedTask);
        var events = after >= extent.LastSeq
            ? []
            : await messages.EventsAfterAsync(conversation, after, limit, PageCharacters, cancellationToken);
        work?.Charge(events.Sum(stored => 1 + (stored.Characters / FixedLimits.CharactersPerWork)));
        return TypedResults.Ok<IConversationEvent[]>(
            [.. events.Where(stored => stored.Seq <= extent.LastSeq).Select(stored => stored.Event)]);
    }

    private static async Task<Results<EventAnswer<ReadMarkMoved>, ProblemHttpResult>> MarkRead(
        string id, ReadPlace body, ReadMarkStore marks, UserAllowances allowances, HttpContext http,
        CancellationToken cancellationToken)
    {
        if (body.Seq is not { } seq || seq < 0)
        {
            return Refusal.Of(
                ErrorCodes.InvalidField, body.Seq is null ? "The field 'seq' is missing" : "'seq' must not be negative");
        }

        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation))
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var caller = http.User.GetUserId();
        if (LimitErrors.Take(allowances.Of(caller)?.Work, FixedLimits.WorkPerReadMark, LimitErrors.TooMuchWork) is { } refused)
        {
            return Refusal.For(http, refused);
        }

        var moved = new ReadMarkMoved { ConversationId = conversation, UserId = caller, Seq = seq };
        var status = await marks.MoveAsync(moved, cancellationToken);
        return MessageErrors.Of(status) is { } problem
            ? Refusal.For(http, problem)
            : new EventAnswer<ReadMarkMoved>(status == MarkStatus.Moved ? moved : null);
    }

    private static async Task<Results<EventAnswer<IConversationEvent>, ProblemHttpResult>> Edit(
        string id, string message, EditedContent body, MessageChanges changes, Mentions mentions, UserAllowances allowances,
        HttpContext http)
    {
        if (body.Content is null)
        {
            return Refusal.Of(ErrorCodes.InvalidField, "The field 'content' is missing");
        }

        if (MessageContent.Problem(body.Content, clientMessageId: null) is { } problem)
        {
            return Refusal.Of(problem.Code, problem.Message);
        }

        return await ChangeAsync(id, message, body.Content, allowances, http, async (conversation, edited) =>
            await changes.EditAsync(
                conversation, http.User.GetUserId(), edited, body.Content, await mentions.FindAsync(conversation, body.Content)));
    }

    private static Task<Results<EventAnswer<IConversationEvent>, ProblemHttpResult>> Delete(
        string id, string message, MessageChanges changes, UserAllowances allowances, HttpContext http) =>
        ChangeAsync(id, message, content: "", allowances, http, (conversation, deleted) =>
            changes.DeleteAsync(conversation, http.User.GetUserId(), deleted));

    private static async Task<Results<EventAnswer<IConversationEvent>, ProblemHttpResult>> React(
        string id, string message, string emoji, MessageChanges changes, UserAllowances allowances, HttpContext http) =>
        MessageErrors.OfEmoji(emoji) is { } problem
            ? Refusal.Of(problem.Code, problem.Message)
            : await ChangeAsync(id, message, emoji, allowances, http, (conversation, target) =>
                changes.ReactAsync(conversation, http.User.GetUserId(), target, emoji));

    private static Task<Results<EventAnswer<IConversationEvent>, ProblemHttpResult>> Unreact(
        string id, string message, string emoji, MessageChanges changes, UserAllowances allowances, HttpContext http) =>
        ChangeAsync(id, message, content: "", allowances, http, (conversation, target) =>
            changes.UnreactAsync(conversation, http.User.GetUserId(), target, emoji));

    private static async Task<Results<EventAnswer<IConversationEvent>, ProblemHttpResult>> ChangeAsync(
        string id, string message, string content, UserAllowances allowances, HttpContext http,
        Func<ConversationId, MessageId, Task<MessageChanged>> changeAsync)
    {
        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation))
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        // An id of another form names no message, but whether there is one is told to members only.
        var target = PrefixedId.TryParse<MessageId>(message, out var found) ? found : default;
        if (MessageErrors.Refusal(allowances.Of(http.User.GetUserId()), content) is { } refused)
        {
            return Refusal.For(http, refused);
        }

        var changed = await changeAsync(conversation, target);
        return changed.Status is ChangeStatus.Done or ChangeStatus.Duplicate
            ? new EventAnswer<IConversationEvent>(changed.Committed.Event)
            : Refusal.For(http, MessageErrors.Of(changed));
    }
}

/// <summary>The new content of a message.</summary>
/// <param name="Content">Not blank, at most 10,000 characters.</param>
internal sealed record EditedContent(string? Content);

/// <summary>How far the caller has read.</summary>
/// <param name="Seq">The newest event that was read; at most the newest of the conversation.</param>
internal sealed record ReadPlace(long? Seq);
