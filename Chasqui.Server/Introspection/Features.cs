namespace Chasqui.Server.Introspection;

/// <summary>
/// What this server can do besides the documented contract, by name, so that a client need not guess from a version. Names
/// never change; new ones may come.
/// </summary>
internal static class Features
{
    /// <summary>A raw <c>hello</c> opts the connection into every event.</summary>
    public const string Hello = "hello";

    /// <summary>A raw <c>ping</c> is answered with <c>Pong</c>.</summary>
    public const string Ping = "ping";

    /// <summary><c>leave</c> stops what <c>join</c> began.</summary>
    public const string Leave = "leave";

    /// <summary>A frame with a <c>request_id</c> is answered exactly once, by an <c>Ack</c> or an <c>Error</c> with the same id.</summary>
    public const string Requests = "requests";

    /// <summary>A message with a <c>client_message_id</c> can be sent again, and is stored once.</summary>
    public const string Idempotency = "idempotency";

    /// <summary><c>join</c> with <c>after</c> replays what was missed, and history can be read by <c>seq</c>.</summary>
    public const string Resume = "resume";

    /// <summary><c>epoch</c>, in <c>Welcome</c>, and here: another one after a restore.</summary>
    public const string Epoch = "epoch";

    /// <summary><c>ConversationCreated</c> and <c>ConversationUpdated</c> tell members who comes and goes.</summary>
    public const string MembershipEvents = "membership_events";

    /// <summary>A server that is about to stop says <c>Closing</c>, and when to come back.</summary>
    public const string Closing = "closing";

    /// <summary><c>POST /api/ws/ticket</c>: a handshake without a token in the address.</summary>
    public const string Tickets = "tickets";

    /// <summary>Tokens can be ended, and the sockets that were opened with them close.</summary>
    public const string Logout = "logout";

    /// <summary>The same conversations over a SignalR hub.</summary>
    public const string SignalR = "signalr";
}
