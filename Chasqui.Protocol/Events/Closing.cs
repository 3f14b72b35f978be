namespace Chasqui.Protocol;

/// <summary>The server is about to close this connection; come back after the given time.</summary>
public sealed record Closing : ServerEvent
{
    /// <summary>When to reconnect, in milliseconds; spread so that clients do not come back all at once.</summary>
    public required int RetryAfterMs { get; init; }
}
