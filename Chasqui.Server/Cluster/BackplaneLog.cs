namespace Chasqui.Server.Cluster;

internal static partial class BackplaneLog
{
    [LoggerMessage(1, LogLevel.Warning, "The database cannot be read for a resync ({Reason}). The next try is in two seconds")]
    public static partial void ResyncFailed(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Redis is disconnected ({Reason}). Other servers' messages are read every two seconds")]
    public static partial void Disconnected(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Redis refuses this server ({Reason}). Check the user and the password in Backplane:Redis, "
        + "and the rights of that user in docs/scaling.md. Other servers' messages are read every two seconds")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "Redis is connected")]
    public static partial void Connected(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "Server {Server} is connected")]
    public static partial void PeerConnected(ILogger logger, Guid server);

    [LoggerMessage(5, LogLevel.Warning, "Server {Server} is silent. Its messages are read every two seconds")]
    public static partial void PeerSilent(ILogger logger, Guid server);

    [LoggerMessage(6, LogLevel.Warning, "A message of server {Server} cannot be read ({Reason}). It may have another version")]
    public static partial void Unreadable(ILogger logger, Guid server, string reason);

    [LoggerMessage(8, LogLevel.Warning, "Typing and presence of other servers are not received ({Reason}). "
        + "Redis must let this server use the channels in docs/scaling.md")]
    public static partial void NotLinked(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Warning,
        "Typing or presence of another server cannot be read ({Reason}). It may have another version")]
    public static partial void UnreadableEphemeral(ILogger logger, string reason);
}
