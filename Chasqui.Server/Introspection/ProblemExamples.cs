using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Introspection;

/// <summary>What refusals look like.</summary>
internal static class ProblemExamples
{
    public static JsonNode Of(string code, JsonSerializerOptions options) =>
        JsonSerializer.SerializeToNode(Refusal.Of(RefusalCodes.Status(code), code, Sentence(code)).ProblemDetails, options)!;

    private static string Sentence(string code) => code switch
    {
        ErrorCodes.InvalidJson => "The body is not valid JSON",
        ErrorCodes.InvalidField => "The field 'name' has the wrong type or form",
        ErrorCodes.ContentBlank => "The content must not be blank",
        ErrorCodes.ContentTooLong => $"The content must have at most {ChatLimits.MaxContentCharacters} characters",
        ErrorCodes.ConversationNotFound => "Conversation not found",
        ErrorCodes.TaskNotFound => "Task not found",
        ErrorCodes.UserNotFound => "Nobody is known as 'Nobody'",
        ErrorCodes.DirectConversation => "The two people of a direct conversation never change",
        ErrorCodes.UsernameTaken => "That username is taken",
        ErrorCodes.EmailTaken => "That e-mail address is taken",
        ErrorCodes.InvalidCredentials => "The name or the password is wrong",
        ErrorCodes.Unauthorized => "A valid token is needed",
        ErrorCodes.Forbidden => "Only the owner of a group removes others",
        ErrorCodes.WrongPassword => "The old password is wrong",
        ErrorCodes.AccountDisabled => "The account was disabled",
        ErrorCodes.TooManyConnections => "There are as many connections as there may be",
        ErrorCodes.GroupFull => "The group has as many participants as it may",
        ErrorCodes.TooManyConversations => LimitErrors.TooManyConversations.Message,
        ErrorCodes.TooManyTasks => LimitErrors.TooManyTasks.Message,
        ErrorCodes.RateLimited => "More requests come from here than the server takes",
        ErrorCodes.OriginNotAllowed => "This origin is not allowed",
        ErrorCodes.WebSocketRequired => "This address takes WebSocket handshakes only",
        ErrorCodes.PayloadTooLarge => "The body is too large",
        ErrorCodes.UnsupportedMediaType => "The body must be application/json",
        ErrorCodes.IdempotencyConflict => "That client_message_id was used before, with other content",
        ErrorCodes.Overloaded => "The server has more to write than it can take; nothing was stored",
        ErrorCodes.StorageUnavailable => "The server cannot write at the moment",
        ErrorCodes.ServerStopping => "The server is stopping; nothing was stored",
        ErrorCodes.InternalError => "The server failed to carry this out",
        _ => "The request cannot be understood",
    };
}
