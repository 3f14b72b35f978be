namespace Chasqui.Protocol;

/// <summary>Every <c>code</c> that a refusal can carry, over REST, the raw socket and the hub. Codes never change.</summary>
public static class ErrorCodes
{
    /// <summary>The body or frame is not one JSON object (malformed, too deep, a duplicate key, another kind of value).</summary>
    public const string InvalidJson = "invalid_json";

    /// <summary>The frame's <c>type</c> is unknown, or the hub method is for raw clients only.</summary>
    public const string UnknownType = "unknown_type";

    /// <summary>A field is missing, has the wrong type, or is out of range; the sentence names it.</summary>
    public const string InvalidField = "invalid_field";

    /// <summary>The content is blank.</summary>
    public const string ContentBlank = "content_blank";

    /// <summary>The content is longer than <see cref="ChatLimits.MaxContentCharacters"/> characters.</summary>
    public const string ContentTooLong = "content_too_long";

    /// <summary>The conversation does not exist, or the caller is not a member of it; the answer is the same.</summary>
    public const string ConversationNotFound = "conversation_not_found";

    /// <summary>The message is not in the conversation.</summary>
    public const string MessageNotFound = "message_not_found";

    /// <summary>An identifier names no user.</summary>
    public const string UserNotFound = "user_not_found";

    /// <summary>The task does not exist.</summary>
    public const string TaskNotFound = "task_not_found";

    /// <summary>The members of a direct conversation cannot change.</summary>
    public const string DirectConversation = "direct_conversation";

    /// <summary>Another user has that username.</summary>
    public const string UsernameTaken = "username_taken";

    /// <summary>Another user has that e-mail address.</summary>
    public const string EmailTaken = "email_taken";

    /// <summary>No account has that name and password.</summary>
    public const string InvalidCredentials = "invalid_credentials";

    /// <summary>The token is missing, malformed, forged or expired.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The caller may not do that.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>The <c>Origin</c> of the handshake is not allowed.</summary>
    public const string OriginNotAllowed = "origin_not_allowed";

    /// <summary>The address answers WebSocket handshakes only.</summary>
    public const string WebSocketRequired = "websocket_required";

    /// <summary>The address does not exist.</summary>
    public const string NotFound = "not_found";

    /// <summary>The endpoint does not take that HTTP method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>The body is larger than the server takes.</summary>
    public const string PayloadTooLarge = "payload_too_large";

    /// <summary>The body is not <c>application/json</c>.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>Any other refusal of an HTTP request.</summary>
    public const string BadRequest = "bad_request";

    /// <summary>The <c>client_message_id</c> was used before, with other content.</summary>
    public const string IdempotencyConflict = "idempotency_conflict";

    /// <summary>The server registers holders of an invitation only.</summary>
    public const string InvitationRequired = "invitation_required";

    /// <summary>The invitation is unknown, used up, expired or revoked.</summary>
    public const string InvitationInvalid = "invitation_invalid";

    /// <summary>The server registers no one; its operator makes the accounts.</summary>
    public const string RegistrationClosed = "registration_closed";

    /// <summary>The other member of the direct conversation has blocked the sender.</summary>
    public const string Blocked = "blocked";

    /// <summary>The account of the other member of a direct conversation was deleted; nobody would read the message.</summary>
    public const string RecipientDeleted = "recipient_deleted";

    /// <summary>The old password is not the account's.</summary>
    public const string WrongPassword = "wrong_password";

    /// <summary>The password is right, but the account was disabled.</summary>
    public const string AccountDisabled = "account_disabled";

    /// <summary>The user, or the server, has as many connections as it may.</summary>
    public const string TooManyConnections = "too_many_connections";

    /// <summary>The connection has joined as many conversations as it may; leave one first.</summary>
    public const string TooManyJoined = "too_many_joined";

    /// <summary>The group has as many participants as it may.</summary>
    public const string GroupFull = "group_full";

    /// <summary>
    /// The caller has opened as many conversations as one user may; conversations without members do not count.
    /// </summary>
    public const string TooManyConversations = "too_many_conversations";

    /// <summary>The caller has added as many tasks as one user may.</summary>
    public const string TooManyTasks = "too_many_tasks";

    /// <summary>The caller exceeds a rate limit; nothing was stored. Try again after <c>retry_after_ms</c>.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The write queue of the server is full; nothing was stored. Try again after <c>retry_after_ms</c>.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>
    /// The message could not be committed (disk full, database locked). Try again after <c>retry_after_ms</c>, with the
    /// same <c>client_message_id</c>.
    /// </summary>
    public const string StorageUnavailable = "storage_unavailable";

    /// <summary>The server is stopping. Try again after <c>retry_after_ms</c>: this server or another one may answer.</summary>
    public const string ServerStopping = "server_stopping";

    /// <summary>The server failed; its log has the reason.</summary>
    public const string InternalError = "internal_error";
}
