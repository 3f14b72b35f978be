namespace Chasqui.Protocol;

/// <summary>The server is about to close this connection; come back after the given time.</summary>
public sealed record Closing : ServerEvent
{
    /// <summary>How long to wait before reconnecting, in milliseconds; a client that adds some chance of its own spares the server.</summary>
    public required int RetryAfterMs { get; init; }
}
