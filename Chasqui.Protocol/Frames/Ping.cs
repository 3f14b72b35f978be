namespace Chasqui.Protocol;

/// <summary>Asks for a <see cref="Pong"/>. Raw only: browsers cannot send WebSocket pings.</summary>
public sealed record Ping : ClientFrame;
