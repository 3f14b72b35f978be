using Microsoft.Data.Sqlite;

namespace Chasqui.Server.Storage;

/// <summary>What a failed statement says about the disk.</summary>
internal enum StorageFault
{
    /// <summary>Nothing is lost, and it may work again by itself: disk full, database locked, a failed read or write.</summary>
    Unavailable,

    /// <summary>What is on the disk is no longer known: a failed fsync, a damaged file.</summary>
    Untrusted,
}

internal static class StorageFaults
{
    // https://sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int IOError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;
    private const int IOErrorFsync = IOError | (4 << 8);
    private const int IOErrorDirFsync = IOError | (5 << 8);

    extension(StorageFault)
    {
        /// <summary>The fault behind an exception, or <see langword="null"/> when the statement itself was wrong.</summary>
        public static StorageFault? Of(SqliteException exception) => exception.SqliteErrorCode switch
        {
            Corrupt or NotADatabase => StorageFault.Untrusted,
            IOError when exception.SqliteExtendedErrorCode is IOErrorFsync or IOErrorDirFsync => StorageFault.Untrusted,
            Busy or Locked or ReadOnly or IOError or Full or CannotOpen => StorageFault.Unavailable,
            _ => null,
        };
    }
}
