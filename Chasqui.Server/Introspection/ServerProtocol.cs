using System.Text.Json.Serialization;

namespace Chasqui.Server.Introspection;

/// <summary>What a client can ask a server about itself at run time.</summary>
internal sealed record ServerProtocol
{
    /// <summary>The server's version.</summary>
    public required string Version { get; init; }

    /// <summary>
    /// The epoch of its data. When it is another one than before, the server was restored from a backup, and a <c>seq</c> may stand for
    /// another message: a client forgets what it has and reads history.
    /// </summary>
    public required string Epoch { get; init; }

    /// <summary>What it can do besides the documented contract. Names never change; new ones may come.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>How much of everything it takes, as it is configured.</summary>
    public required ProtocolLimits Limits { get; init; }

    /// <summary>How often it pings a socket, in milliseconds.</summary>
    public required int HeartbeatMs { get; init; }

    /// <summary>Every code that a refusal can carry.</summary>
    public required IReadOnlyList<ProtocolError> ErrorCodes { get; init; }

    /// <summary>Every code with which it closes a socket.</summary>
    public required IReadOnlyList<ProtocolClose> CloseCodeFeature { get; init; }
}

/// <summary>How much a server takes. What is not limited is absent.</summary>
internal sealed record ProtocolLimits
{
    /// <summary>The longest raw frame, in bytes.</summary>
    public required int MaxFrameBytes { get; init; }

    /// <summary>The longest body of a REST request, in bytes.</summary>
    public required int MaxBodyBytes { get; init; }

    /// <summary>The longest content of a message, in Unicode scalar values.</summary>
    public required int MaxContentCharacters { get; init; }

    /// <summary>The longest <c>request_id</c> or <c>client_message_id</c>, in Unicode scalar values.</summary>
    public required int MaxClientIdCharacters { get; init; }

    /// <summary>The most messages that a <c>join</c> with <c>after</c> replays.</summary>
    public required int MaxReplayedMessages { get; init; }

    /// <summary>The most messages in one page of history.</summary>
    public required int MaxPageMessages { get; init; }

    /// <summary>The most connections of one user.</summary>
    public required int MaxConnectionsPerUser { get; init; }

    /// <summary>The most conversations that one connection may have joined.</summary>
    public required int MaxJoinedConversations { get; init; }

    /// <summary>The most participants of a group.</summary>
    public required int MaxParticipants { get; init; }

    /// <summary>Messages that one user may send in 10 seconds, through all doors together.</summary>
    [JsonPropertyName("messages_per_10s")]
    public int? MessagesPer10s { get; init; }

    /// <summary>Frames that one connection may send in 10 seconds.</summary>
    [JsonPropertyName("frames_per_10s")]
    public int? FramesPer10s { get; init; }

    /// <summary>REST requests that one user may make in 10 seconds.</summary>
    [JsonPropertyName("requests_per_10s")]
    public int? RequestsPer10s { get; init; }
}

/// <summary>An error code.</summary>
/// <param name="Code">The code, as it stands in <c>code</c>.</param>
/// <param name="Status">The HTTP status that goes with it.</param>
/// <param name="Message">What it means, in one sentence for people.</param>
internal sealed record ProtocolError(string Code, int Status, string Message);

/// <summary>A close code of a WebSocket.</summary>
/// <param name="Code">The code.</param>
/// <param name="Reason">Why the server closes.</param>
/// <param name="Advice">What a client does next, in one sentence.</param>
internal sealed record ProtocolClose(int Code, string Reason, string Advice);
