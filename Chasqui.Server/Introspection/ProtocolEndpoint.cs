using System.Text.Json.Serialization;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;

namespace Chasqui.Server.Introspection;

/// <summary><c>GET /api/protocol</c>.</summary>
internal static class ProtocolEndpoint
{
    /// <summary>
    /// What this server offers in addition to the basic protocol, so that a client need not decide by version. Names never
    /// change; later versions may add some.
    /// </summary>
    public static readonly (string Name, string Description)[] Features =
    [
        ("hello", "A raw `hello` opts the connection into every event."),
        ("ping", "The answer to a raw `ping` is `Pong`."),
        ("leave", "`leave` ends what `join` started."),
        ("requests", "A frame with a `request_id` gets exactly one answer, an `Ack` or an `Error` with the same id."),
        ("idempotency", "A message with a `client_message_id` can be sent again, and is stored once."),
        ("resume", "`join` with `after` replays missed messages, and history can be read by `seq`."),
        ("epoch", "`epoch` in `Welcome` and here; it changes when the server is restored from a backup."),
        ("events", "Edits, deletions, replies, reactions, changes of members and new names are events of one log."),
        ("mentions", "The server finds the members whom a message mentions."),
        ("read_marks", "The server keeps how far each member has read, and counts what is unread."),
        ("presence", "`Typing` and `PresenceChanged` tell who types and who is there."),
        ("membership_events", "`ConversationCreated` and `ConversationUpdated` tell members about changes of membership."),
        ("closing", "A stopping server sends `Closing` with the time after which to reconnect."),
        ("tickets", "`POST /api/ws/ticket`: a handshake without a token in the address."),
        ("logout", "Tokens can be revoked, and sockets that were opened with them close."),
        ("renewal", "`POST /api/token` renews a good token."),
        ("sessions", "`GET` and `DELETE /api/sessions`: the logins of the caller."),
        ("blocks", "`PUT` and `DELETE /api/blocks/{user}`: no direct messages from that user."),
        ("signalr", "The same conversations over a SignalR hub."),
    ];

    public static void MapProtocol(this RouteGroupBuilder api) => api
        .MapGet("/protocol", (IOptions<LimitOptions> limits, IOptions<AccountOptions> accounts, MessageLog log) =>
            TypedResults.Ok(Of(limits.Value, log.Epoch, accounts.Value.Registration)))
        .AllowAnonymous()
        .WithTags("Protocol")
        .WithSummary("Features, limits and codes of this server")
        .WithDescription("Features by name, the configured limits, and a sentence for every error and close code: a client asks "
            + "here instead of deciding by version. Needs no token.");

    public static ServerProtocol Of(LimitOptions limits, string epoch, string registration = RegistrationModes.Open) => new(
        ServerVersion.Current,
        epoch,
        [.. Features.Select(feature => feature.Name)],
        new ProtocolLimits(
            MaxFrameBytes: limits.MaxFrameBytes,
            MaxBodyBytes: limits.MaxBodyBytes,
            MaxContentCharacters: ChatLimits.MaxContentCharacters,
            MaxClientIdCharacters: ChatLimits.MaxClientIdCharacters,
            MaxReplayedMessages: ChatLimits.MaxReplayedMessages,
            MaxPageMessages: MessageEndpoints.MaxPage,
            MaxConnectionsPerUser: limits.MaxConnectionsPerUser,
            MaxJoinedConversations: limits.MaxJoinedConversations,
            MaxParticipants: limits.MaxParticipants,
            MessagesPer10s: limits.Enabled ? limits.MessagesPer10s : null,
            FramesPer10s: limits.Enabled ? limits.FramesPer10s : null,
            RequestsPer10s: limits.Enabled ? limits.RequestsPer10sPerUser : null),
        (int)Heartbeat.Interval.TotalMilliseconds,
        registration,
        [.. SocketModel.Codes.Select(known => ErrorCatalog.Of(known.Code))
            .Select(error => new ProtocolError(error.Code, ErrorCatalog.Status(error.Code), error.Message))],
        [.. SocketModel.CloseCodes.Select(end => new ProtocolClose(end.Code, end.Reason, end.Advice))]);
}

/// <summary>What a server offers and takes.</summary>
/// <param name="Version">The server's version.</param>
/// <param name="Epoch">The epoch of its data. If it changes, the server was restored from a backup, and a <c>seq</c> may stand
/// for another message: a client drops what it has stored and reads history.</param>
/// <param name="Features">What it offers in addition to the basic protocol. Names never change; later versions may add
/// some.</param>
/// <param name="Limits">Its limits, as configured.</param>
/// <param name="HeartbeatMs">How often it pings a socket, in milliseconds.</param>
/// <param name="Registration">Who may register: everyone (<c>open</c>), holders of an invitation (<c>invited</c>), or no one
/// (<c>closed</c>).</param>
/// <param name="ErrorCodes">Every code that a refusal can carry.</param>
/// <param name="CloseCodes">Every code with which it closes a socket.</param>
internal sealed record ServerProtocol(
    string Version,
    string Epoch,
    IReadOnlyList<string> Features,
    ProtocolLimits Limits,
    int HeartbeatMs,
    string Registration,
    IReadOnlyList<ProtocolError> ErrorCodes,
    IReadOnlyList<ProtocolClose> CloseCodes);

/// <summary>The limits of a server. A limit that is switched off is absent.</summary>
/// <param name="MaxFrameBytes">The longest raw frame, in bytes.</param>
/// <param name="MaxBodyBytes">The longest body of a REST request, in bytes.</param>
/// <param name="MaxContentCharacters">The longest content of a message, in Unicode scalar values.</param>
/// <param name="MaxClientIdCharacters">The longest <c>request_id</c> or <c>client_message_id</c>, in Unicode scalar
/// values.</param>
/// <param name="MaxReplayedMessages">The most events that a <c>join</c> with <c>after</c> replays.</param>
/// <param name="MaxPageMessages">The most messages in one page of history.</param>
/// <param name="MaxConnectionsPerUser">The most connections of one user.</param>
/// <param name="MaxJoinedConversations">The most conversations that one connection may have joined.</param>
/// <param name="MaxParticipants">The most participants of a group.</param>
/// <param name="MessagesPer10s">Messages that one user may send in 10 seconds, over all transports together.</param>
/// <param name="FramesPer10s">Frames that one connection may send in 10 seconds.</param>
/// <param name="RequestsPer10s">REST requests that one user may make in 10 seconds.</param>
internal sealed record ProtocolLimits(
    int MaxFrameBytes,
    int MaxBodyBytes,
    int MaxContentCharacters,
    int MaxClientIdCharacters,
    int MaxReplayedMessages,
    int MaxPageMessages,
    int MaxConnectionsPerUser,
    int MaxJoinedConversations,
    int MaxParticipants,
    [property: JsonPropertyName("messages_per_10s")] int? MessagesPer10s = null,
    [property: JsonPropertyName("frames_per_10s")] int? FramesPer10s = null,
    [property: JsonPropertyName("requests_per_10s")] int? RequestsPer10s = null);

/// <summary>An error code.</summary>
/// <param name="Code">The code, as in <c>code</c>.</param>
/// <param name="Status">Its HTTP status.</param>
/// <param name="Message">What it means, in one sentence for people.</param>
internal sealed record ProtocolError(string Code, int Status, string Message);

/// <summary>A close code of a WebSocket.</summary>
/// <param name="Code">The code.</param>
/// <param name="Reason">Why the server closes.</param>
/// <param name="Advice">What a client does next, in one sentence.</param>
internal sealed record ProtocolClose(int Code, string Reason, string Advice);
