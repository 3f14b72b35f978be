namespace Chasqui.Protocol;

/// <summary>
/// Says whether the user of this connection is there. A new connection is <c>online</c>. A user is away if all of their
/// connections are.
/// </summary>
public sealed record SetPresence : ClientFrame
{
    /// <summary>Either <c>online</c> or <c>away</c>.</summary>
    public required string Status { get; init; }
}
