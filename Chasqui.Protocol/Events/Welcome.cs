using System.Text.Json.Serialization;

namespace Chasqui.Protocol;

/// <summary>The answer to <see cref="Hello"/>.</summary>
public sealed record Welcome : ServerEvent
{
    /// <summary>This connection's id, for support and logs.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>The user of the token.</summary>
    public required UserId UserId { get; init; }

    /// <summary>The server's version.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>The limits of this server.</summary>
    public required WelcomeLimits Limits { get; init; }

    /// <summary>How often the server pings the socket, in milliseconds; a client that receives nothing for twice as long may
    /// treat the connection as broken.</summary>
    public required int HeartbeatMs { get; init; }

    /// <summary>
    /// The epoch of the server's data, 16 hexadecimal digits. If it changes, the server was restored from a backup, and a
    /// <c>seq</c> may stand for another message: a client drops what it has stored and reads history.
    /// </summary>
    public required string Epoch { get; init; }
}

/// <summary>The limits for clients.</summary>
/// <param name="MaxFrameBytes">The longest frame, in bytes.</param>
/// <param name="MaxContentCharacters">The longest content, in Unicode scalar values.</param>
/// <param name="MessagesPer10s">Messages that one user may send in 10 seconds, over all transports together; a long one counts
/// once for each started 4 KiB of its content. Absent if the limit is switched off.</param>
public sealed record WelcomeLimits(
    int MaxFrameBytes,
    int MaxContentCharacters,
    [property: JsonPropertyName("messages_per_10s")] int? MessagesPer10s = null);
