namespace Chasqui.Server.Errors;

/// <summary>The HTTP status and the default sentence of each error code.</summary>
internal static class ErrorCatalog
{
    public static Error Of(string code) => new() { Code = code, Message = Entry(code).Sentence };

    public static int Status(string code) => Entry(code).Status;

    /// <summary>The code of a refusal of the framework, which has only a status.</summary>
    public static string Code(int status) => status switch
    {
        401 => ErrorCodes.Unauthorized,
        403 => ErrorCodes.Forbidden,
        404 => ErrorCodes.NotFound,
        405 => ErrorCodes.MethodNotAllowed,
        413 => ErrorCodes.PayloadTooLarge,
        415 => ErrorCodes.UnsupportedMediaType,
        >= 500 => ErrorCodes.InternalError,
        _ => ErrorCodes.BadRequest,
    };

    private static (int Status, string Sentence) Entry(string code) => code switch
    {
        ErrorCodes.InvalidJson => (400, "The body is not valid JSON"),
        ErrorCodes.UnknownType => (400, "Unknown frame type"),
        ErrorCodes.InvalidField => (400, "A field has the wrong type or form"),
        ErrorCodes.ContentBlank => (400, "The content must not be blank"),
        ErrorCodes.ContentTooLong => (400, $"The content must have at most {ChatLimits.MaxContentCharacters} characters"),
        ErrorCodes.UserNotFound => (400, "User not found"),
        ErrorCodes.DirectConversation => (400, "The members of a direct conversation cannot change"),
        ErrorCodes.WebSocketRequired => (400, "Only WebSocket handshakes are accepted at this address"),
        ErrorCodes.TooManyJoined => (400, "This connection has joined too many conversations; leave one first"),
        ErrorCodes.InvalidCredentials => (401, "The name or the password is wrong"),
        ErrorCodes.Unauthorized => (401, "A valid token is needed"),
        ErrorCodes.AccountDisabled => (401, "The account is disabled"),
        ErrorCodes.Forbidden => (403, "Not allowed"),
        ErrorCodes.WrongPassword => (403, "The old password is wrong"),
        ErrorCodes.InvitationRequired => (403, "This server needs an invitation to register"),
        ErrorCodes.InvitationInvalid => (403, "The invitation is unknown, used up or expired"),
        ErrorCodes.RegistrationClosed => (403, "This server takes no registrations; its operator makes the accounts"),
        ErrorCodes.Blocked => (403, "This user does not take messages from you"),
        ErrorCodes.OriginNotAllowed => (403, "This server refuses pages of this address; its operator can allow them"),
        ErrorCodes.ConversationNotFound => (404, "Conversation not found"),
        ErrorCodes.MessageNotFound => (404, "The message is not in the conversation"),
        ErrorCodes.TaskNotFound => (404, "Task not found"),
        ErrorCodes.NotFound => (404, "Not found"),
        ErrorCodes.MethodNotAllowed => (405, "Method not allowed"),
        ErrorCodes.UsernameTaken => (409, "That username is taken"),
        ErrorCodes.EmailTaken => (409, "That e-mail address is taken"),
        ErrorCodes.GroupFull => (409, "The group is full"),
        ErrorCodes.TooManyConversations => (409, "You have opened too many conversations; leave one first"),
        ErrorCodes.TooManyTasks => (409, "You have added too many tasks"),
        ErrorCodes.RecipientDeleted => (409, "The account of the other member was deleted; messages to it can no longer be sent"),
        ErrorCodes.IdempotencyConflict => (409, "That client_message_id was used for other content"),
        ErrorCodes.PayloadTooLarge => (413, "The body is too large"),
        ErrorCodes.UnsupportedMediaType => (415, "The body must be application/json"),
        ErrorCodes.RateLimited => (429, "Too many requests; try again later"),
        ErrorCodes.InternalError => (500, "The server failed to carry this out"),
        ErrorCodes.TooManyConnections => (503, "Too many connections; try again later"),
        ErrorCodes.Overloaded => (503, "The server is overloaded, nothing was stored; try again later"),
        ErrorCodes.StorageUnavailable => (503, "The storage is unavailable; try again later"),
        ErrorCodes.ServerStopping => (503, "The server is stopping, nothing was stored; try again later"),
        _ => (400, "Bad request"),
    };
}
