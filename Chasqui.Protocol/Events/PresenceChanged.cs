namespace Chasqui.Protocol;

/// <summary>
/// A user came, went away or left; sent to the connections of people who share a direct conversation, or a group of at most 100
/// members, with the user. It is dropped rather than queued for a slow connection.
/// </summary>
public sealed record PresenceChanged : ServerEvent
{
    /// <summary>The user.</summary>
    public required UserId UserId { get; init; }

    /// <summary>Either <c>online</c>, <c>away</c> or <c>offline</c>.</summary>
    public required string Status { get; init; }

    /// <summary>With <c>offline</c>: when the last connection ended, in UTC with whole milliseconds.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
}
