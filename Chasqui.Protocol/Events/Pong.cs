namespace Chasqui.Protocol;

/// <summary>The answer to <see cref="Ping"/>.</summary>
public sealed record Pong : ServerEvent;
