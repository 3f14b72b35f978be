namespace Chasqui.Server.Errors;

internal static partial class ErrorsLog
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Unexpected(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2, LogLevel.Error, "Hub method {Method} failed")]
    public static partial void HubMethodFailed(ILogger logger, Exception exception, string method);

    [LoggerMessage(3, LogLevel.Warning, "{Method} {Path} was refused: storage cannot be read ({Reason})")]
    public static partial void CannotRead(ILogger logger, string method, string path, string reason);
}
