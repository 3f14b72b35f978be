namespace Chasqui.Server.Delivery;

/// <summary>Where a conversation stands.</summary>
/// <param name="LastSeq">Its newest message.</param>
/// <param name="MembershipVersion">How often somebody was taken out of it.</param>
internal readonly record struct StreamPosition(long LastSeq, long MembershipVersion);
