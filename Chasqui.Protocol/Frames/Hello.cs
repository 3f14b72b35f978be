namespace Chasqui.Protocol;

/// <summary>Opts a raw connection into every event; answered by <see cref="Welcome"/>. SignalR clients are opted in.</summary>
public sealed record Hello : ClientFrame;
