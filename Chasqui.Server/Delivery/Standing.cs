namespace Chasqui.Server.Delivery;

/// <summary>Where a conversation stands.</summary>
/// <param name="LastSeq">Its newest message.</param>
/// <param name="Removals">How often somebody was taken out of it.</param>
internal readonly record struct Standing(long LastSeq, long Removals);
