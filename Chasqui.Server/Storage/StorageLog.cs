namespace Chasqui.Server.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(1, LogLevel.Error, "A write failed and was refused")]
    public static partial void WriteFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Storage is unavailable ({Reason}): {Count} writes were refused")]
    public static partial void Unavailable(ILogger logger, string reason, int count);

    [LoggerMessage(3, LogLevel.Information, "Storage is available again")]
    public static partial void AvailableAgain(ILogger logger);

    [LoggerMessage(4, LogLevel.Critical, "The database can no longer be trusted ({Reason}): the server stops. Check the disk, then start it again")]
    public static partial void Fatal(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Error, "A committed write could not be announced")]
    public static partial void AnnouncementFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The write-ahead log could not be folded into the database; it is kept and tried again ({Reason})")]
    public static partial void CheckpointFailed(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Warning, "The data folder {Folder} is open to other users of this machine (mode {Mode}): close it with chmod go= {Folder}")]
    public static partial void OpenToOthers(ILogger logger, string folder, string mode);

    [LoggerMessage(8, LogLevel.Warning, "{File} is open to other users of this machine and cannot be closed to them ({Reason})")]
    public static partial void CannotClose(ILogger logger, string file, string reason);

    [LoggerMessage(9, LogLevel.Information, "The database is of an earlier version: it is copied to {Backup} before it is changed")]
    public static partial void BackingUp(ILogger logger, string backup);

    [LoggerMessage(10, LogLevel.Information, "The database was brought to this version. What it was is in {Backup}: delete it once it is not needed any more")]
    public static partial void Upgraded(ILogger logger, string backup);
}
