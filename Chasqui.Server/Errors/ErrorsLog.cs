namespace Chasqui.Server.Errors;

internal static partial class ErrorsLog
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Unexpected(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2, LogLevel.Error, "Hub method {Method} failed")]
    public static partial void HubMethodFailed(ILogger logger, Exception exception, string method);
}
