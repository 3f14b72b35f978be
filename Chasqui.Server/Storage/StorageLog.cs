namespace Chasqui.Server.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(1, LogLevel.Error, "A write failed and was refused")]
    public static partial void WriteFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Storage is unavailable ({Reason}): {Count} writes were refused")]
    public static partial void Unavailable(ILogger logger, string reason, int count);

    [LoggerMessage(3, LogLevel.Information, "Storage is available again")]
    public static partial void AvailableAgain(ILogger logger);

    [LoggerMessage(4, LogLevel.Critical, "The database can no longer be trusted ({Reason}). The server stops: check the disk")]
    public static partial void Fatal(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Error, "The callback of a committed write failed")]
    public static partial void CallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The checkpoint of the write-ahead log failed and is tried again ({Reason})")]
    public static partial void CheckpointFailed(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Warning, "The data folder {Folder} is open to other users (mode {Mode}): run chmod go= {Folder}")]
    public static partial void OpenToOthers(ILogger logger, string folder, string mode);

    [LoggerMessage(8, LogLevel.Warning, "{File} is open to other users, and its mode cannot be changed ({Reason})")]
    public static partial void CannotRestrict(ILogger logger, string file, string reason);

    [LoggerMessage(9, LogLevel.Information, "The database is of an older version: it is copied to {Backup} before the upgrade")]
    public static partial void BackingUp(ILogger logger, string backup);

    [LoggerMessage(10, LogLevel.Information, "The database was upgraded. Delete the copy {Backup} when it is no longer needed")]
    public static partial void Upgraded(ILogger logger, string backup);
}
