using Chasqui.Protocol;

namespace Chasqui.Server.Errors;

/// <summary>What goes with each error code: its HTTP status, and what is said where there is nothing more particular to say.</summary>
internal static class ErrorCatalog
{
    public static Error Of(string code) => new() { Code = code, Message = Sentence(code) };

    public static int Status(string code) => code switch
    {
        ErrorCodes.InvalidCredentials or ErrorCodes.AccountDisabled or ErrorCodes.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorCodes.Forbidden or ErrorCodes.WrongPassword or ErrorCodes.OriginNotAllowed => StatusCodes.Status403Forbidden,
        ErrorCodes.ConversationNotFound or ErrorCodes.TaskNotFound or ErrorCodes.NotFound => StatusCodes.Status404NotFound,
        ErrorCodes.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        ErrorCodes.UsernameTaken or ErrorCodes.EmailTaken or ErrorCodes.IdempotencyConflict or ErrorCodes.GroupFull
            or ErrorCodes.TooManyConversations or ErrorCodes.TooManyTasks => StatusCodes.Status409Conflict,
        ErrorCodes.PayloadTooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCodes.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorCodes.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCodes.InternalError => StatusCodes.Status500InternalServerError,
        ErrorCodes.Overloaded or ErrorCodes.StorageUnavailable or ErrorCodes.ServerStopping or ErrorCodes.TooManyConnections =>
            StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>The code of a refusal that is the framework's own, and has a status alone.</summary>
    public static string Code(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => ErrorCodes.Unauthorized,
        StatusCodes.Status403Forbidden => ErrorCodes.Forbidden,
        StatusCodes.Status404NotFound => ErrorCodes.NotFound,
        StatusCodes.Status405MethodNotAllowed => ErrorCodes.MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => ErrorCodes.PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType => ErrorCodes.UnsupportedMediaType,
        >= 500 => ErrorCodes.InternalError,
        _ => ErrorCodes.BadRequest,
    };

    private static string Sentence(string code) => code switch
    {
        ErrorCodes.InvalidJson => "The body is not valid JSON",
        ErrorCodes.UnknownType => "The type of the frame is none that this server knows",
        ErrorCodes.InvalidField => "A field has the wrong type or form",
        ErrorCodes.ContentBlank => "The content must not be blank",
        ErrorCodes.ContentTooLong => $"The content must have at most {ChatLimits.MaxContentCharacters} characters",
        ErrorCodes.ConversationNotFound => "Conversation not found",
        ErrorCodes.TaskNotFound => "Task not found",
        ErrorCodes.UserNotFound => "Nobody is known by that name",
        ErrorCodes.NotFound => "There is nothing at this address",
        ErrorCodes.MethodNotAllowed => "This address does not take that method",
        ErrorCodes.DirectConversation => "The two people of a direct conversation never change",
        ErrorCodes.UsernameTaken => "That username is taken",
        ErrorCodes.EmailTaken => "That e-mail address is taken",
        ErrorCodes.InvalidCredentials => "The name or the password is wrong",
        ErrorCodes.Unauthorized => "A valid token is needed",
        ErrorCodes.Forbidden => "That is not allowed",
        ErrorCodes.WrongPassword => "The old password is wrong",
        ErrorCodes.AccountDisabled => "The account was disabled",
        ErrorCodes.TooManyConnections => "There are as many connections as there may be",
        ErrorCodes.TooManyJoined => "This connection has joined as many conversations as it may; leave one first",
        ErrorCodes.GroupFull => "The group has as many participants as it may",
        ErrorCodes.TooManyConversations => "You have opened as many conversations as one user may",
        ErrorCodes.TooManyTasks => "You have added as many tasks as one user may",
        ErrorCodes.RateLimited => "More requests come from here than the server takes",
        ErrorCodes.OriginNotAllowed => "This origin is not allowed",
        ErrorCodes.WebSocketRequired => "This address takes WebSocket handshakes only",
        ErrorCodes.PayloadTooLarge => "The body is too large",
        ErrorCodes.UnsupportedMediaType => "The body must be application/json",
        ErrorCodes.IdempotencyConflict => "That client_message_id was used before, with other content",
        ErrorCodes.Overloaded => "The server has more to write than it can take; nothing was stored",
        ErrorCodes.StorageUnavailable => "The server cannot reach its storage at the moment",
        ErrorCodes.ServerStopping => "The server is stopping; nothing was stored",
        ErrorCodes.InternalError => "The server failed to carry this out",
        _ => "The request cannot be understood",
    };
}
