namespace Chasqui.Server.Cluster;

internal static partial class BackplaneLog
{
    [LoggerMessage(1, LogLevel.Warning, "What other servers have stored cannot be read ({Reason}); it is tried again")]
    public static partial void CannotRead(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Redis is lost ({Reason}): other servers' messages come from the database, every two seconds")]
    public static partial void Lost(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "Redis is there: servers hear of each other at once")]
    public static partial void Found(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "Server {Server} is there")]
    public static partial void PeerFound(ILogger logger, Guid server);

    [LoggerMessage(5, LogLevel.Warning, "Server {Server} has fallen silent: what it stores is looked for in the database")]
    public static partial void PeerSilent(ILogger logger, Guid server);

    [LoggerMessage(6, LogLevel.Warning, "A telegram of server {Server} cannot be read ({Reason}), and perhaps none of its others: is it of another version?")]
    public static partial void Unreadable(ILogger logger, Guid server, string reason);
}
