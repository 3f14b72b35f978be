using Microsoft.Data.Sqlite;
using Npgsql;

namespace Chasqui.Server.Storage;

/// <summary>What a failed statement says about the database.</summary>
internal enum StorageFault
{
    /// <summary>Nothing is lost, and a later try may succeed: disk full, database locked, a failed read or write.</summary>
    Unavailable,

    /// <summary>Nothing is lost, and an immediate retry may succeed: the transaction of another server came first.</summary>
    Contended,

    /// <summary>The state of the disk is unknown: a failed fsync, a damaged file.</summary>
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
    private const string IdleInTransaction = "25P03";

    extension(StorageFault)
    {
        /// <summary>The fault behind an exception, or <see langword="null"/> when the statement itself is wrong.</summary>
        public static StorageFault? Of(DbException exception) => exception switch
        {
            SqliteException sqlite => Of(sqlite),
            PostgresException postgres => Of(postgres),
            // The connection failed, or nothing arrives on it.
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
            PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ReadOnlySqlTransaction or IdleInTransaction =>
                StorageFault.Unavailable,
            // Logins are refused: the operator works on the database, or has changed the password.
            PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.ObjectNotInPrerequisiteState or ['2', '8', ..] =>
                StorageFault.Unavailable,
            // Classes: connection, resources, operator intervention, system error. PostgreSQL stops after a failed fsync.
            ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] => StorageFault.Unavailable,
            _ => null,
        };
    }

    /// <summary>Why a write failed, for the public: without addresses and names, which are in the log.</summary>
    public static string PublicReason(Exception? exception) => exception switch
    {
        SqliteException e => $"Storage cannot be written: {e.Message}.",
        PostgresException e => $"Storage cannot be written: PostgreSQL says {e.SqlState}.",
        NpgsqlException => "Storage cannot be written: PostgreSQL cannot be reached.",
        _ => "Storage cannot be written.",
    };
}
