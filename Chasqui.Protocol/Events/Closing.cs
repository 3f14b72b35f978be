namespace Chasqui.Protocol;

/// <summary>The server is about to close this connection; reconnect after the given time.</summary>
public sealed record Closing : ServerEvent
{
    /// <summary>
    /// How long to wait before reconnecting, in milliseconds. Clients should add a random time, so that they do not reconnect all
    /// at once.
    /// </summary>
    public required int RetryAfterMs { get; init; }
}
