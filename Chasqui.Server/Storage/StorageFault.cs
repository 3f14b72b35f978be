using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Chasqui.Server.Storage;

/// <summary>What a failed statement says about the disk.</summary>
internal enum StorageFault
{
    /// <summary>Nothing is lost, and it may work again by itself: disk full, database locked, a failed read or write.</summary>
    Unavailable,

    /// <summary>Nothing is lost, and the same can be tried again at once: another server was faster.</summary>
    Contended,

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

    /// <summary>idle_in_transaction_session_timeout</summary>
    private const string IdleTooLong = "25P03";

    extension(StorageFault)
    {
        /// <summary>The fault behind an exception, or <see langword="null"/> when the statement itself was wrong.</summary>
        public static StorageFault? Of(DbException exception) => exception switch
        {
            SqliteException sqlite => Of(sqlite),
            PostgresException postgres => Of(postgres),
            // The connection is gone, cannot be made, or nothing comes over it.
            NpgsqlException => StorageFault.Unavailable,
            _ => null,
        };

        private static StorageFault? Of(SqliteException exception) => exception.SqliteErrorCode switch
        {
            Corrupt or NotADatabase => StorageFault.Untrusted,
            IOError when exception.SqliteExtendedErrorCode is IOErrorFsync or IOErrorDirFsync => StorageFault.Untrusted,
            Busy or Locked or ReadOnly or IOError or Full or CannotOpen => StorageFault.Unavailable,
            _ => null,
        };

        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        private static StorageFault? Of(PostgresException exception) => exception.SqlState switch
        {
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => StorageFault.Contended,
            PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ReadOnlySqlTransaction or IdleTooLong =>
                StorageFault.Unavailable,
            // It lets nobody in: the operator is at work on it, or has changed the password and not yet told the server.
            PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.ObjectNotInPrerequisiteState or ['2', '8', ..] =>
                StorageFault.Unavailable,
            // Whole classes: connection, resources, intervention of the operator, the system below. PostgreSQL itself sees to it that
            // nothing is believed to be on a disk that has failed.
            ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] => StorageFault.Unavailable,
            _ => null,
        };
    }
}
