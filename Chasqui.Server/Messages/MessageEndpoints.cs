using System.ComponentModel;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>History, and sending over REST.</summary>
internal static class MessageEndpoints
{
    /// <summary>The most messages in one answer.</summary>
    public const int MaxPage = 200;

    public static void MapMessages(this RouteGroupBuilder api)
    {
        var messages = api.MapGroup("/conversations/{id}/messages").WithTags("Messages")
            .Refuses(ErrorCodes.ConversationNotFound);
        messages.MapGet("/", History).WithSummary("A page of history: newest first, or oldest first with 'after' and 'around'")
            .WithDescription("At most one of `offset`, `before`, `after` and `around` can be given.")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.BadRequest);
        messages.MapPost("/", Send).WithSummary("Sends a message; every joined socket gets it")
            .WithDescription("The answer means: committed to disk.")
            .Refuses(ErrorCodes.ContentBlank, ErrorCodes.ContentTooLong, ErrorCodes.Blocked, ErrorCodes.RecipientDeleted,
                ErrorCodes.IdempotencyConflict, ErrorCodes.MessageNotFound)
            .RefusesWrites();
    }

    private static async Task<Results<MessagePage, ProblemHttpResult>> History(
        string id, MessageStore messages, UserAllowances allowances, TokenStore tokens, HttpContext http,
        CancellationToken cancellationToken,
        [Description("The most messages to answer with."), Range(1, MaxPage)] int limit = 50,
        [Description("How many of the newest messages to pass over."), AtLeast(0)] long? offset = null,
        [Description("Only messages whose `seq` is smaller, newest first."), AtLeast(1)] long? before = null,
        [Description("Only messages whose `seq` is greater, oldest first."), AtLeast(0)] long? after = null,
        [Description("The messages about this `seq`, oldest first: as many before it as after it, where there are so many."), AtLeast(1)]
        long? around = null)
    {
        if (HistoryProblem(limit, offset, before, after, around) is { } problem)
        {
            return Refusal.Of(ErrorCodes.InvalidField, problem);
        }

        var caller = http.User.GetUserId();
        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation)
            || await messages.ExtentAsync(conversation, caller, cancellationToken) is not { } extent)
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var seq = after is { } seen ? seen + 1
            : around is { } middle ? await FirstAroundAsync(Math.Min(middle, extent.LastSeq))
            : before is { } next ? Math.Min(next - 1, extent.LastSeq)
            : await messages.SeqOfAsync(conversation, extent.Messages - (offset ?? 0), extent, cancellationToken);
        var work = allowances.Of(caller)?.Work;
        return new MessagePage(
            // What is stored from now on does not belong to the page.
            messages.PageAsync(
                conversation, seq, extent.LastSeq, descending: after is null && around is null, limit, work, MayReadOnAsync,
                cancellationToken));

        async Task<long> FirstAroundAsync(long at)
        {
            var number = await messages.NumberAtAsync(conversation, at, cancellationToken);
            var first = Math.Max(1, Math.Min(number - (limit / 2), extent.Messages - limit + 1));
            return Math.Max(1, await messages.SeqOfAsync(conversation, first, extent, cancellationToken));
        }

        async Task<bool> MayReadOnAsync() => await http.IsStillAllowedAsync(
            tokens, isAllowed: await messages.ExtentAsync(conversation, caller, cancellationToken) is not null);
    }

    private static async Task<Results<Ok<SentMessage>, ProblemHttpResult>> Send(
        string id, NewContent body, MessageLog log, MessageStore messages, Mentions mentions, UserAllowances allowances,
        HttpContext http)
    {
        if (body.Content is null)
        {
            return Refusal.Of(ErrorCodes.InvalidField, "The field 'content' is missing");
        }

        if (MessageContent.Problem(body.Content, body.ClientMessageId) is { } problem)
        {
            return Refusal.Of(problem.Code, problem.Message);
        }

        if (!PrefixedId.TryParse<ConversationId>(id, out var conversation))
        {
            return Refusal.Of(ErrorCodes.ConversationNotFound);
        }

        var me = http.User.GetUserId();
        if (MessageErrors.Refusal(allowances.Of(me), body.Content) is { } refused)
        {
            return Refusal.For(http, refused);
        }

        MessageReference? replyTo = null;
        if (body.ReplyTo is not null)
        {
            // An id of another form names no message.
            var answered = PrefixedId.TryParse<MessageId>(body.ReplyTo, out var found) ? found : default;
            (replyTo, var noReply) = await messages.FindReferenceAsync(conversation, me, answered, http.RequestAborted);
            if (noReply is not null)
            {
                return Refusal.For(http, noReply);
            }
        }

        var appended = await log.AppendAsync(new Draft(
            conversation, me, body.Content, body.ClientMessageId, replyTo, await mentions.FindAsync(conversation, body.Content)));
        return appended.Message is { } message
            ? TypedResults.Ok(new SentMessage(message)
            {
                Duplicate = body.ClientMessageId is null ? null : appended.Status == AppendStatus.Duplicate,
            })
            : Refusal.For(http, MessageErrors.Of(appended));
    }

    private static string? HistoryProblem(int limit, long? offset, long? before, long? after, long? around) =>
        limit is < 1 or > MaxPage ? $"'limit' must be between 1 and {MaxPage}"
        : offset < 0 ? "'offset' must not be negative"
        : before < 1 ? "'before' must be at least 1"
        : after < 0 ? "'after' must not be negative"
        : around < 1 ? "'around' must be at least 1"
        : new[] { offset is 0 ? null : offset, before, after, around }.Count(given => given is not null) > 1
            ? "Only one of 'offset', 'before', 'after' and 'around' can be given"
            : null;
}

/// <summary>A message to send.</summary>
/// <param name="Content">Not blank, at most 10,000 characters.</param>
/// <param name="ClientMessageId">
/// 1 to 64 characters, unique per sender and conversation: sent again, nothing is stored twice.
/// </param>
/// <param name="ReplyTo">The id of the message that it answers, of the same conversation.</param>
internal sealed record NewContent(string? Content, string? ClientMessageId = null, string? ReplyTo = null);
