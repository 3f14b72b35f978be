namespace Chasqui.Server.Delivery;

internal static partial class DeliveryLog
{
    [LoggerMessage(2, LogLevel.Information, "Connection {ConnectionId} was closed: it was too slow to read")]
    public static partial void TooSlow(ILogger logger, string connectionId);

    [LoggerMessage(4, LogLevel.Error, "A connection was closed because its token cannot be checked ({Reason})")]
    public static partial void CannotAskForToken(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "Stopping: closing {Count} connections")]
    public static partial void Draining(ILogger logger, int count);

    [LoggerMessage(5, LogLevel.Information, "Stopping: reported as not ready; still serving for {Seconds} seconds")]
    public static partial void NotReady(ILogger logger, int seconds);
}
