namespace Chasqui.Server.Storage;

/// <summary>The newest committed state of a conversation.</summary>
/// <param name="LastSeq">The <c>seq</c> of its newest event.</param>
/// <param name="MembershipVersion">
/// Counts removals of members: a connection whose join is older may no longer be a member's.
/// </param>
internal readonly record struct StreamPosition(long LastSeq, long MembershipVersion);

/// <summary>How long the log of a conversation is.</summary>
/// <param name="LastSeq">The <c>seq</c> of the newest event.</param>
/// <param name="Messages">The messages: the number of the newest one.</param>
internal readonly record struct LogExtent(long LastSeq, long Messages);
