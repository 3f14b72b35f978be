namespace Chasqui.Server.Presence;

/// <summary>Whether a user is there.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Status"><c>online</c>, <c>away</c> or <c>offline</c>.</param>
/// <param name="LastSeenAt">With <c>offline</c>: when the user was last seen, to about a minute; absent if that is not
/// known.</param>
internal sealed record UserPresence(UserId UserId, string Status, DateTimeOffset? LastSeenAt = null);
